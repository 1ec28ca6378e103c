//! What is typed on each screen.

use super::reference::Fields;

/// A small generator, so that a seed is enough to see a failure again.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    pub(super) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// Each text that is typed is one that can be found again.
pub(super) struct Typist {
    pub(super) dice: Dice,
    pub(super) tokens: usize,
}

impl Typist {
    pub(super) fn text(&mut self) -> String {
        match self.dice.roll(12) {
            0 => String::new(),
            1 => format!("T{}q", self.dice.roll(self.tokens + 1)),
            _ => {
                self.tokens += 1;
                format!("T{}q", self.tokens)
            }
        }
    }

    /// What passes on a screen.
    pub(super) fn good(&mut self, screen: &str) -> Fields {
        let mut fields = self.fields(screen, 0);
        for (name, value) in &mut fields {
            match *name {
                "kids" => *value = self.dice.one(&["0", "1", "1", "2"]).to_owned(),
                "weight" | "sum" | "pay" => *value = self.dice.one(&["50", "500"]).to_owned(),
                "home.year" | "work.year" => *value = self.dice.one(&["1999", "2001"]).to_owned(),
                "age" => *value = self.dice.one(&["5", "17", "40", "70"]).to_owned(),
                "kind" | "parent" | "home.town" | "work.town" => {}
                _ if value.is_empty() => *value = "T0q".to_owned(),
                _ => {}
            }
        }
        fields
    }

    pub(super) fn fields(&mut self, screen: &str, keys: u32) -> Fields {
        let mut one = |name, of: &[&str]| (name, self.dice.one(of).to_owned());
        match screen {
            "size" => vec![
                one("kids", &["0", "1", "2", "2", "3", "3", "9"]),
                one("kind", &["a", "b", "b"]),
            ],
            "job" => vec![one("pay", &["", "100", "250", "0"])],
            "weight" => vec![one("weight", &["1", "20", "300", "0"])],
            "sum" => vec![one("sum", &["50", "500", "0"])],
            "home.since" => vec![one("home.year", &["1999", "2001", ""])],
            "work.since" => vec![one("work.year", &["1999", "2001", ""])],
            "home.street" => {
                let town = one("home.town", &["york", "hull"]);
                vec![("home.line", self.text()), town]
            }
            "work.street" => {
                let town = one("work.town", &["york", "hull"]);
                vec![("work.line", self.text()), town]
            }
            "old" => {
                let age = one("age", &["5", "17", "40", "70", "40", ""]);
                let parent = self.dice.roll(keys as usize * 3 + 2);
                let parent = (parent > 0 && parent <= keys as usize).then(|| parent.to_string());
                vec![age, ("parent", parent.unwrap_or_default())]
            }
            "grown" => vec![("head", (self.dice.roll(keys as usize + 1) + 1).to_string())],
            "alpha" => vec![("alpha", self.text())],
            "who" => vec![("name", self.text())],
            "pension" => vec![("pension", self.text())],
            "pet" => vec![("pet", self.text())],
            "room" => vec![("room", self.text())],
            "why" => vec![("why", self.text())],
            "note" => vec![("note", self.text())],
            "extra" => vec![("extra", self.text())],
            _ => Vec::new(),
        }
    }
}
