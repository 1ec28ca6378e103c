//! What one end knows of the round trip, as Linux reckons it.
//!
//! Owns the smoothed time, its variance and the timeout that follows (`tcp_rtt_estimator`). Must
//! not know what is sent.

/// The least variance that the timeout allows for: `TCP_RTO_MIN`.
pub(super) const LEAST: u64 = 200_000_000;
/// Before anything is known: RFC 6298.
pub(super) const FIRST: u64 = 1_000_000_000;
/// No timeout is longer.
const MOST: u64 = 120_000_000_000;

/// In nanoseconds. `None` in [`Rtt::smooth`] until something was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Rtt {
    /// Eight times the smoothed round trip.
    smooth: Option<i64>,
    /// Four times the mean deviation.
    deviation: i64,
    /// The greatest of this round trip.
    most: i64,
    variance: i64,
    /// The round trip that is being measured ends when this is acknowledged.
    mark: u64,
}

impl Rtt {
    /// Takes a measured round trip; `una` is acknowledged, `next` will be sent next.
    pub(super) fn measured(&mut self, nanos: u64, una: u64, next: u64) {
        let mut m = i64::try_from(nanos).unwrap_or(i64::MAX / 16);
        let least = i64::try_from(LEAST).unwrap_or(0);
        let Some(smooth) = self.smooth else {
            self.smooth = Some(m * 8);
            self.deviation = m * 2;
            self.variance = self.deviation.max(least);
            self.most = self.variance;
            self.mark = next;
            return;
        };
        m -= smooth / 8;
        self.smooth = Some((smooth + m).max(1));
        if m < 0 {
            m = -m - self.deviation / 4;
            if m > 0 {
                m /= 8;
            }
        } else {
            m -= self.deviation / 4;
        }
        self.deviation += m;
        if self.deviation > self.most {
            self.most = self.deviation;
            self.variance = self.variance.max(self.most);
        }
        if una > self.mark {
            if self.most < self.variance {
                self.variance -= (self.variance - self.most) / 4;
            }
            self.mark = next;
            self.most = least;
        }
    }

    /// The smoothed round trip, once there is one.
    pub(super) fn smoothed(&self) -> Option<u64> {
        self.smooth.map(|smooth| u64::try_from(smooth / 8).unwrap_or(0))
    }

    /// How long is waited for an ACK, doubled for each time that it was in vain.
    pub(super) fn timeout(&self, vain: u32) -> u64 {
        let once = match self.smoothed() {
            Some(smooth) => smooth + u64::try_from(self.variance).unwrap_or(0),
            None => FIRST,
        };
        once.saturating_mul(1 << vain.min(10)).min(MOST)
    }
}

/// When a timer of Linux goes off that is set for so long: the longer it is, the coarser the wheel
/// that it hangs on; at 250 ticks a second, in the mean half a notch late.
pub(super) fn late(wait: u64) -> u64 {
    const TICK: u64 = 4_000_000;
    let notch = match wait / TICK {
        0..64 => TICK,
        64..512 => 8 * TICK,
        512..4096 => 64 * TICK,
        _ => 512 * TICK,
    };
    wait + notch / 2
}
