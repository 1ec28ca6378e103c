//! How deeply a file nests, found before it is parsed.
//!
//! Owns one guard: the parser bounds brackets but not dotted keys, and a tree of half a million
//! levels cannot even be dropped. Must not know the language.

/// Levels that one value may be deep; the language needs 8.
const LEVELS: usize = 64;

/// Where the file becomes deeper than any definition can be.
pub(super) fn too_deep(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut open: Vec<usize> = Vec::new();
    let mut above = 0;
    let mut dots = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                at = after_string(bytes, at, *byte);
                continue;
            }
            b'#' => {
                at += bytes.iter().skip(at).take_while(|b| **b != b'\n').count();
                continue;
            }
            b'.' => dots += 1,
            b'[' | b'{' => {
                open.push(dots);
                above += dots + 1;
                dots = 0;
            }
            b']' | b'}' => {
                dots = open.pop().unwrap_or(0);
                above = above.saturating_sub(dots + 1);
            }
            b',' | b'\n' => dots = 0,
            _ => {}
        }
        if above + dots > LEVELS {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The place after the string that begins at `at`; a one-line string ends with its line.
fn after_string(bytes: &[u8], at: usize, quote: u8) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let long = rest.starts_with(&[quote; 3]);
    let mut n = if long { 3 } else { 1 };
    while let Some(byte) = rest.get(n) {
        match byte {
            b'\\' if quote == b'"' => n += 1,
            b'\n' if !long => return at + n,
            b if *b == quote && !long => return at + n + 1,
            b if *b == quote && rest.get(n..).is_some_and(|end| end.starts_with(&[quote; 3])) => {
                // Up to two quotes may stand before the closing three.
                let quotes = rest.iter().skip(n).take(5).take_while(|b| **b == quote).count();
                return at + n + quotes;
            }
            _ => {}
        }
        n += 1;
    }
    at + n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nesting_counts() {
        assert_eq!(too_deep("a.b.c = { d.e = [1.0, 2.0] }\n[x.y.z]\n"), None);
        assert_eq!(too_deep(&format!("a = \"{}\"\n", ".".repeat(500))), None);
        assert_eq!(too_deep(&format!("a = '''{}'''\n", "[\n".repeat(500))), None);
        assert_eq!(too_deep(&"a = [1]\n".repeat(500)), None);
        assert!(too_deep(&format!("{}a = 1", "a.".repeat(500))).is_some());
        assert!(too_deep(&format!("a = {}", "[".repeat(500))).is_some());
        assert!(too_deep(&format!("a = {}", "{\na.b = ".repeat(50))).is_some());
    }
}
