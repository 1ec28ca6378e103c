//! One end of a TCP connection, as Linux behaves with the few packets of a screen.
//!
//! Owns sending (window, timeouts, the tail-loss probe, what is resent), receiving (what is
//! acknowledged when). Must not know lines, or what is asked and answered.

use std::collections::{BTreeMap, VecDeque};

use super::packet::{Packet, SEGMENT, Sent};
use super::rtt::{LEAST, Rtt, late};

/// Packets that may be sent before the first ACK: RFC 6928.
pub(super) const WINDOW: u64 = 10;
/// How long an ACK waits for something to go with.
const DELAY: u64 = 40_000_000;
/// ACKs that are sent at once at the start of a connection.
const QUICK: u32 = 16;
/// What the probe waits for beside two round trips, if more than one packet is out.
const PROBE: u64 = 2_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    Timeout,
    Probe,
}

/// One end. Numbers count from 0, the opening, so that payload begins at 1. Times in nanoseconds.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are the states of TCP")]
pub(super) struct End {
    pub(super) open: bool,
    /// Closed on both sides and forgotten.
    gone: bool,
    una: u64,
    next: u64,
    /// Up to here is to be sent.
    limit: u64,
    closing: bool,
    flight: VecDeque<Sent>,
    window: u64,
    threshold: u64,
    rtt: Rtt,
    vain: u32,
    timer: Option<(u64, Timer)>,
    probed: Option<u64>,
    /// Loss is being made good until this is acknowledged.
    recovering: Option<u64>,
    /// When a timeout resent, and the window before it.
    undo: Option<(u64, u64)>,
    rcv: u64,
    apart: BTreeMap<u64, u64>,
    pub(super) heard_all: bool,
    recent: Option<u64>,
    told: u64,
    ack_at: Option<u64>,
    quick: u32,
    /// What comes in is answered with data, so that ACKs wait for it.
    replies: bool,
    heard: Option<u64>,
}

impl End {
    pub(super) fn new() -> Self {
        Self {
            open: false,
            gone: false,
            una: 0,
            next: 0,
            limit: 1,
            closing: false,
            flight: VecDeque::new(),
            window: WINDOW,
            threshold: u64::MAX,
            rtt: Rtt::default(),
            vain: 0,
            timer: None,
            probed: None,
            recovering: None,
            undo: None,
            rcv: 0,
            apart: BTreeMap::new(),
            heard_all: false,
            recent: None,
            told: 0,
            ack_at: None,
            quick: 0,
            replies: false,
            heard: None,
        }
    }

    /// Payload that came in, in order.
    pub(super) fn received(&self) -> u64 {
        self.rcv.saturating_sub(1 + u64::from(self.heard_all))
    }

    /// When it wants to be woken.
    pub(super) fn due(&self) -> Option<u64> {
        let timer = self.timer.map(|(at, _)| at);
        [timer, self.ack_at].into_iter().flatten().min()
    }

    /// Opens a connection.
    pub(super) fn connect(&mut self, now: u64, out: &mut Vec<Packet>) {
        self.opening(now, out);
    }

    /// Sends so many bytes.
    pub(super) fn write(&mut self, bytes: u64, now: u64, out: &mut Vec<Packet>) {
        // Linux forgets the window over a pause.
        if self.flight.is_empty() {
            self.window = self.window.min(WINDOW);
        }
        self.limit += bytes;
        self.transmit(now, out);
    }

    /// Has nothing more to say.
    pub(super) fn close(&mut self, now: u64, out: &mut Vec<Packet>) {
        if !self.closing {
            self.closing = true;
            self.transmit(now, out);
        }
    }

    /// A packet came in.
    pub(super) fn receive(&mut self, packet: &Packet, now: u64, out: &mut Vec<Packet>) {
        if packet.reset {
            self.gone = true;
            (self.timer, self.ack_at) = (None, None);
            return;
        }
        if self.gone {
            // Whoever closed first still answers; the other one has forgotten.
            out.push(Packet {
                reset: true,
                ..self.ack(now, Vec::new())
            });
            return;
        }
        if packet.syn && self.rcv == 0 {
            self.rcv = 1;
            self.recent = Some(packet.stamp);
            if packet.ack.is_none() {
                self.opening(now, out);
                return;
            }
            self.acknowledged(packet, now, out);
            self.acknowledge(now, out);
            return;
        }
        if packet.ack.is_some() {
            self.acknowledged(packet, now, out);
        }
        if packet.syn {
            // It came again, so what answered it was lost.
            if self.open {
                self.acknowledge(now, out);
            } else {
                self.again(0, now, out);
            }
        } else if packet.span() > 0 {
            self.take(packet, now, out);
        }
        // The last word of both is said and heard.
        let all_said = self.closing && self.flight.is_empty() && self.next > self.limit;
        if all_said && self.heard_all && packet.span() == 0 {
            self.gone = true;
            (self.timer, self.ack_at) = (None, None);
        }
    }

    /// Its time has come.
    pub(super) fn wake(&mut self, now: u64, out: &mut Vec<Packet>) {
        if self.ack_at.is_some_and(|at| at <= now) {
            self.replies = false;
            self.acknowledge(now, out);
        }
        let Some((at, what)) = self.timer else { return };
        if at > now {
            return;
        }
        match what {
            Timer::Probe => self.probe(now, out),
            Timer::Timeout => self.timed_out(now, out),
        }
    }

    fn opening(&mut self, now: u64, out: &mut Vec<Packet>) {
        self.next = 1;
        self.flight.push_back(Sent {
            syn: true,
            fin: false,
            from: 0,
            len: 0,
            at: now,
            arrived: false,
            lost: false,
        });
        self.timer = Some((now + late(self.rtt.timeout(0)), Timer::Timeout));
        out.push(Packet {
            syn: true,
            ack: (self.rcv > 0).then_some(self.rcv),
            ..self.ack(now, Vec::new())
        });
        self.told = self.rcv;
    }

    /// Sends what the window allows: first what was lost, then what is new.
    fn transmit(&mut self, now: u64, out: &mut Vec<Packet>) {
        if !self.open {
            return;
        }
        while self.under_way() < self.window {
            let Some(n) = self.flight.iter().position(|sent| sent.lost) else {
                break;
            };
            self.again(n, now, out);
        }
        let mut sent = false;
        while self.under_way() < self.window && self.one_more(now, out) {
            sent = true;
        }
        if sent {
            self.arm(now);
        }
    }

    /// Sends one new packet, if there is something to send.
    fn one_more(&mut self, now: u64, out: &mut Vec<Packet>) -> bool {
        let len = SEGMENT.min(self.limit.saturating_sub(self.next));
        let fin = self.closing && self.next + len == self.limit;
        if len == 0 && !fin {
            return false;
        }
        let packet = Packet {
            fin,
            from: self.next,
            len,
            ..self.ack(now, Vec::new())
        };
        self.flight.push_back(Sent {
            syn: false,
            fin,
            from: self.next,
            len,
            at: now,
            arrived: false,
            lost: false,
        });
        self.next += packet.span();
        self.goes_with();
        if len > 0 && self.heard.is_some_and(|heard| now - heard < DELAY) {
            self.replies = true;
        }
        out.push(packet);
        true
    }

    /// Sends a packet once more.
    fn again(&mut self, n: usize, now: u64, out: &mut Vec<Packet>) {
        let ack = self.ack(now, Vec::new());
        let Some(sent) = self.flight.get_mut(n) else { return };
        (sent.at, sent.lost) = (now, false);
        out.push(Packet {
            syn: sent.syn,
            fin: sent.fin,
            from: sent.from,
            len: sent.len,
            ack: if sent.syn && ack.ack == Some(0) { None } else { ack.ack },
            ..ack
        });
        self.goes_with();
    }

    /// What is on its way, as far as is known.
    fn under_way(&self) -> u64 {
        let out = self.flight.iter().filter(|sent| !sent.arrived && !sent.lost);
        u64::try_from(out.count()).unwrap_or(u64::MAX)
    }

    /// Sets the timer: the probe where it may be used, else the timeout.
    fn arm(&mut self, now: u64) {
        let Some(head) = self.flight.front() else {
            self.timer = None;
            return;
        };
        let timeout = self.rtt.timeout(self.vain);
        let probing = self.open && self.recovering.is_none() && self.probed.is_none();
        self.timer = Some(match self.rtt.smoothed().filter(|_| probing) {
            Some(smooth) => {
                let spare = if self.flight.len() == 1 { LEAST } else { PROBE };
                let last = (head.at + timeout).max(now + 1) - now;
                (now + late((2 * smooth + spare).min(last)), Timer::Probe)
            }
            None => (now + late(timeout), Timer::Timeout),
        });
    }

    /// Nothing was heard for two round trips: sends something, so that something is.
    fn probe(&mut self, now: u64, out: &mut Vec<Packet>) {
        if !self.one_more(now, out)
            && let Some(last) = self.flight.len().checked_sub(1)
        {
            self.again(last, now, out);
        }
        self.probed = Some(self.next);
        self.timer = Some((now + late(self.rtt.timeout(self.vain)), Timer::Timeout));
    }

    /// All that is out counts as lost.
    fn timed_out(&mut self, now: u64, out: &mut Vec<Packet>) {
        if self.flight.is_empty() {
            self.timer = None;
            return;
        }
        self.vain += 1;
        if self.open {
            if self.undo.is_none() {
                self.undo = Some((now, self.window));
                self.threshold = (self.under_way() / 2).max(2);
            }
            for sent in self.flight.iter_mut().filter(|sent| !sent.arrived) {
                sent.lost = true;
            }
            self.window = 1;
            self.recovering = Some(self.next);
        }
        self.again(0, now, out);
        self.timer = Some((now + late(self.rtt.timeout(self.vain)), Timer::Timeout));
    }

    /// Takes in what the other side acknowledges.
    fn acknowledged(&mut self, packet: &Packet, now: u64, out: &mut Vec<Packet>) {
        let ack = packet.ack.unwrap_or(0);
        let full = self.under_way() >= self.window;
        let mut newest = None;
        let mut count = 0;
        while let Some(sent) = self.flight.pop_front_if(|sent| sent.end() <= ack) {
            newest = newest.max(Some(sent.at));
            count += 1;
            self.open = true;
        }
        for (from, to) in &packet.blocks {
            for sent in self.flight.iter_mut().filter(|sent| !sent.arrived) {
                if *from <= sent.from && sent.end() <= *to {
                    sent.arrived = true;
                    newest = newest.max(Some(sent.at));
                }
            }
        }
        if count > 0 {
            self.una = ack;
            if let Some(echo) = packet.echo {
                self.rtt.measured(now - echo, self.una, self.next);
            }
            let early = |(at, _): &mut (u64, u64)| packet.echo.is_some_and(|echo| echo < *at);
            if let Some((_, window)) = self.undo.take_if(early) {
                // It was not lost, the line is slow: as if there had been no timeout.
                self.window = window;
                self.threshold = u64::MAX;
                self.recovering = None;
                for sent in &mut self.flight {
                    sent.lost = false;
                }
            }
            self.vain = 0;
            if self.recovering.is_none_or(|_| self.undo.is_some()) && (full || self.undo.is_some()) {
                self.window += if self.window < self.threshold { count } else { 1 };
            }
            self.probed = self.probed.filter(|high| self.una < *high);
            if self.recovering.is_some_and(|until| self.una >= until) {
                (self.recovering, self.undo) = (None, None);
            }
        }
        self.find_lost(newest);
        if count > 0 {
            self.arm(now);
        }
        self.transmit(now, out);
    }

    /// What was sent before something that arrived, and did not arrive, is lost: a line does not
    /// change the order.
    fn find_lost(&mut self, newest: Option<u64>) {
        let Some(newest) = newest else { return };
        let mut found = false;
        for sent in self.flight.iter_mut().filter(|sent| !sent.arrived && !sent.lost) {
            if sent.at < newest {
                sent.lost = true;
                found = true;
            }
        }
        if found && self.recovering.is_none() {
            self.recovering = Some(self.next);
            self.window = (self.window * 7 / 10).max(2);
            self.threshold = self.window;
        }
    }

    /// Takes in payload, or the other side's last word.
    fn take(&mut self, packet: &Packet, now: u64, out: &mut Vec<Packet>) {
        let end = packet.from + packet.span();
        if end <= self.rcv {
            let twice = self.ack(now, vec![(packet.from, end)]);
            self.goes_with();
            out.push(twice);
            return;
        }
        if packet.from > self.rcv {
            self.apart.insert(packet.from, end);
            let ack = self.ack(now, self.blocks());
            out.push(ack);
            return;
        }
        if packet.from <= self.told {
            self.recent = Some(packet.stamp);
        }
        self.rcv = end;
        if packet.fin {
            // The last word is acknowledged with one's own, if that comes soon.
            (self.heard_all, self.replies) = (true, true);
        }
        while let Some((from, to)) = self.apart.pop_first() {
            if from > self.rcv {
                self.apart.insert(from, to);
                break;
            }
            self.rcv = self.rcv.max(to);
        }
        let rested = |heard: u64| now - heard > self.rtt.timeout(0);
        if packet.len > 0 {
            if self.heard.is_none_or(rested) {
                self.quick = QUICK;
            }
            self.heard = Some(now);
        }
        let much = self.rcv - self.told > SEGMENT;
        if much || self.quick > 0 && !self.replies || !self.apart.is_empty() {
            self.acknowledge(now, out);
        } else {
            self.ack_at.get_or_insert(now + DELAY);
        }
    }

    /// Up to three runs of what came out of order.
    fn blocks(&self) -> Vec<(u64, u64)> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for (from, to) in &self.apart {
            match runs.last_mut() {
                Some(last) if last.1 >= *from => last.1 = last.1.max(*to),
                _ => runs.push((*from, *to)),
            }
        }
        runs.truncate(3);
        runs
    }

    fn acknowledge(&mut self, now: u64, out: &mut Vec<Packet>) {
        let ack = self.ack(now, self.blocks());
        out.push(ack);
        self.goes_with();
        self.quick = self.quick.saturating_sub(1);
    }

    /// What was to be acknowledged is.
    fn goes_with(&mut self) {
        self.told = self.rcv;
        self.ack_at = None;
    }

    fn ack(&self, now: u64, blocks: Vec<(u64, u64)>) -> Packet {
        Packet {
            syn: false,
            fin: false,
            reset: false,
            from: self.next,
            len: 0,
            ack: Some(self.rcv),
            blocks,
            stamp: now,
            echo: self.recent,
        }
    }
}
