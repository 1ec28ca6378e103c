//! The style sheet as a whole.

/// Bytes of the whole sheet, without comments and spaces, as pages have it.
const ALL: usize = 2_980;

#[test]
fn the_whole_sheet_is_small() {
    let sheet = deity::view::sheet();
    let all: usize = sheet.iter().map(|rules| rules.len()).sum();
    println!("the sheet: {all} bytes in {} parts", sheet.len());
    assert!(all <= ALL, "{all}");
    for rules in sheet {
        assert!(!rules.contains("/*") && !rules.contains("  "), "{rules}");
        assert_eq!(rules.matches('{').count(), rules.matches('}').count(), "{rules}");
    }
}
