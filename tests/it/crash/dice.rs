//! Random numbers from a seed that a failing run prints and the next one can be given.

/// xorshift64*.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// Seeded by `DEITY_SEED`, else by the clock; says which.
    pub fn new(suite: &str) -> Self {
        let asked = std::env::var("DEITY_SEED").ok().and_then(|text| text.parse().ok());
        let seed: u64 = asked.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.expect("after 1970").subsec_nanos().into()
        });
        println!("{suite}: DEITY_SEED={seed}");
        Self::of(seed)
    }

    /// Of this seed.
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`; 0 where that is impossible.
    pub fn below(&mut self, n: usize) -> usize {
        (self.number() >> 11) as usize % n.max(1)
    }

    pub fn coin(&mut self) -> bool {
        self.number() >> 63 == 1
    }
}
