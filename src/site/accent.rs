//! The office's colour: whether white words can be read on it, and the nearest that passes.
//!
//! Owns the rule of luminance (WCAG 2.2, "relative luminance"). Must not know files or pages.

use std::ops::RangeInclusive;

/// The brightest on which white words have 4.5:1, and the darkest that has 3:1 on a dark canvas and
/// under the ring of the focus.
const LUMINANCE: RangeInclusive<f64> = 0.119..=0.183;

/// What is wrong with a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amiss {
    /// It is none: `#` and three or six hexadecimal digits.
    NoColour,
    /// White words cannot be read on it; the nearest on which they can.
    TooBright(String),
    /// It hardly stands out on a dark canvas; the nearest that does.
    TooDark(String),
}

/// Judges a colour.
pub(super) fn judge(colour: &str) -> Result<(), Amiss> {
    let rgb = parse(colour).ok_or(Amiss::NoColour)?;
    let found = luminance(rgb);
    if found > *LUMINANCE.end() {
        Err(Amiss::TooBright(nearest(rgb)))
    } else if found < *LUMINANCE.start() {
        Err(Amiss::TooDark(nearest(rgb)))
    } else {
        Ok(())
    }
}

/// Red, green and blue, from 0 to 1.
fn parse(colour: &str) -> Option<[f64; 3]> {
    let digits = colour
        .strip_prefix('#')
        .filter(|digits| matches!(digits.len(), 3 | 6))?;
    let values: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(16)).collect();
    match values?.as_slice() {
        [r, g, b] => Some([r, g, b].map(|v| f64::from(v * 17) / 255.0)),
        [r, r2, g, g2, b, b2] => Some([(r, r2), (g, g2), (b, b2)].map(|(v, v2)| f64::from(v * 16 + v2) / 255.0)),
        _ => None,
    }
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    let linear = |v: f64| {
        if v <= 0.040_45 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The nearest colour of the same hue that passes: darker towards black, brighter towards white.
fn nearest(rgb: [f64; 3]) -> String {
    let bright = luminance(rgb) > *LUMINANCE.end();
    let end = if bright { 0.0 } else { 1.0 };
    let mut steps = (0..=1_000).map(|step| {
        let part = f64::from(step) / 1_000.0;
        rgb.map(|v| {
            let v = v + (end - v) * part;
            let v = v * 255.0;
            // To the side that passes.
            if bright { v.floor() } else { v.ceil() }
        })
    });
    let passes = |rgb: &[f64; 3]| LUMINANCE.contains(&luminance(rgb.map(|v| v / 255.0)));
    let [r, g, b] = steps.find(passes).unwrap_or([0.0, 119.0, 136.0]);
    format!("#{r:02x}{g:02x}{b:02x}", r = byte(r), g = byte(g), b = byte(b))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole numbers from 0 to 255"
)]
fn byte(v: f64) -> u8 {
    v.clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::{Amiss, judge};

    #[test]
    fn the_colours_of_the_design_are_judged_as_the_design_says() {
        for good in ["#078", "#06c", "#070", "#a3a", "#b40", "#666", "#0066CC"] {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
        for dark in ["#557", "#939", "#00a", "#000"] {
            assert!(
                matches!(judge(dark), Err(Amiss::TooDark(_))),
                "{dark}: {:?}",
                judge(dark)
            );
        }
        for bright in ["#fff", "#0af", "#ffdd00", "#888"] {
            assert!(matches!(judge(bright), Err(Amiss::TooBright(_))), "{bright}");
        }
        for none in [
            "",
            "078",
            "#07",
            "#0788",
            "blue",
            "#ggg",
            "#078;}",
            "rgb(0,0,0)",
            "#\u{ff10}78",
        ] {
            assert_eq!(judge(none), Err(Amiss::NoColour), "{none}");
        }
    }

    #[test]
    fn what_is_offered_passes_whatever_the_colour() {
        for r in (0..=255).step_by(15) {
            for g in (0..=255).step_by(15) {
                for b in (0..=255).step_by(15) {
                    let colour = format!("#{r:02x}{g:02x}{b:02x}");
                    if let Err(Amiss::TooBright(better) | Amiss::TooDark(better)) = judge(&colour) {
                        assert_eq!(judge(&better), Ok(()), "{colour}: {better}");
                    }
                }
            }
        }
    }
}
