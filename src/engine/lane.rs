//! The lane of slow hashes: one at a time for the whole process, and a rest after each as long as it took.
//!
//! Owns the queue: so many wait, the oldest of each block of addresses in turn, so that who asks often holds up
//! himself and not others. What waits is a computation and not a request: a client that goes away frees no place.
//! Must not know what is hashed. Source: S6 of the security rules.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::limits;

/// Whose request it is, for turns: a block of addresses.
pub type Block = [u8; 8];

type Work = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    waits: VecDeque<(Block, Work)>,
    /// Whose turn it was, the latest last.
    served: VecDeque<Block>,
    runs: bool,
}

impl Queue {
    /// The oldest of the block that has waited for its turn longest.
    fn next(&mut self) -> Option<Work> {
        let turn = |block: &Block| {
            self.served
                .iter()
                .rposition(|served| served == block)
                .map_or(0, |at| at + 1)
        };
        let at = (0..self.waits.len()).min_by_key(|at| self.waits.get(*at).map(|(block, _)| turn(block)))?;
        let (block, work) = self.waits.remove(at)?;
        self.served.retain(|served| *served != block);
        self.served.push_back(block);
        if self.served.len() > limits::HASHES_WAIT {
            self.served.pop_front();
        }
        Some(work)
    }
}

/// The lane. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Lane(Arc<Mutex<Queue>>);

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lane")
    }
}

impl Lane {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No call leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work` in its turn; `None` where too many wait.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        block: Block,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, result) = oneshot::channel();
        {
            let mut queue = self.queue();
            if queue.waits.len() >= limits::HASHES_WAIT {
                return None;
            }
            let work = Box::new(move || drop(done.send(work())));
            queue.waits.push_back((block, work));
            if !queue.runs {
                queue.runs = true;
                tokio::spawn(self.clone().work_off());
            }
        }
        result.await.ok()
    }

    async fn work_off(self) {
        loop {
            let next = {
                let mut queue = self.queue();
                let next = queue.next();
                queue.runs = next.is_some();
                next
            };
            let Some(work) = next else { return };
            let began = Instant::now();
            // A panic in it is its own: the next one is done.
            drop(tokio::task::spawn_blocking(work).await);
            tokio::time::sleep(began.elapsed()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_often_waits_behind_who_asks_once_and_too_many_are_refused() {
        let lane = Lane::default();
        let order = Arc::new(Mutex::new(Vec::new()));
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let lane = lane.clone();
            async move { lane.run([0; 8], move || gate.recv().is_ok()).await }
        });
        while !lane.queue().runs || !lane.queue().waits.is_empty() {
            tokio::task::yield_now().await;
        }
        let note = |block: u8| {
            let (lane, order) = (lane.clone(), Arc::clone(&order));
            tokio::spawn(async move { lane.run([block; 8], move || order.lock().unwrap().push(block)).await })
        };
        let mut others = Vec::new();
        for block in [0, 0, 0, 1] {
            others.push(note(block));
            while lane.queue().waits.len() < others.len() {
                tokio::task::yield_now().await;
            }
        }
        while lane.queue().waits.len() < limits::HASHES_WAIT {
            others.push(note(2));
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run([9; 8], || ()).await, None);
        open.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Some(true));
        for other in others {
            other.await.unwrap();
        }
        let order = order.lock().unwrap();
        assert_eq!(order.iter().take(4).collect::<Vec<_>>(), [&1, &2, &0, &2], "{order:?}");
    }
}
