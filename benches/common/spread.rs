//! Values of several rounds, in one cell of a table.
//!
//! Owns medians. Must not know what was measured.

use serde::Serialize;

/// Values of several rounds: shown as their median, with the least and the most.
#[derive(Debug, Default, Serialize)]
pub struct Spread(pub Vec<f64>);

impl Spread {
    /// The middle one.
    pub fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }

    /// All three, with so many digits.
    pub fn text(&self, digits: usize) -> String {
        let Some(median) = self.median() else {
            return "-".to_owned();
        };
        let least = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.0.iter().copied().fold(0.0, f64::max);
        if self.0.len() == 1 {
            return format!("{median:.digits$}");
        }
        format!("{median:.digits$} ({least:.digits$}-{most:.digits$})")
    }
}
