//! What a site weighs on the line.

use std::collections::BTreeMap;
use std::sync::Arc;

use deity::flow::Flow;
use deity::http::encoding::Encoding;
use deity::http::pack;
use deity::site::{Site, Sources, read};
use deity::view;

use crate::definition::definitions;

/// What a page may take more for the office's name, colour and links, in brotli, in the median.
const MORE: usize = 130;

fn office() -> Site {
    let (_, path) = definitions("tests/definitions/site")
        .into_iter()
        .find(|(name, _)| name == "whole")
        .unwrap();
    let declared = std::fs::read_to_string(path).unwrap();
    // A notice is for a few days.
    let declared: String = declared
        .lines()
        .filter(|line| !line.starts_with("notice"))
        .map(|line| format!("{line}\n"))
        .collect();
    let page = "# Privacy\n\nWe keep little.\n";
    read(&Sources {
        declared: Some(&declared),
        pages: BTreeMap::from([("privacy", page), ("accessibility", page), ("help", page)]),
        ..Sources::default()
    })
    .site
    .unwrap()
}

#[test]
fn an_office_takes_little_more_of_each_page() {
    let site = office();
    let packed = |page: &view::Drawn| {
        let bytes = pack::encode(page.html.as_bytes(), Encoding::Brotli, 11, None);
        bytes.unwrap().len()
    };
    let mut more = Vec::new();
    for (name, path) in definitions("phases").into_iter().filter(|(name, _)| name != "site") {
        let (flow, _) = Flow::read(&name, &std::fs::read_to_string(path).unwrap()).unwrap();
        let flow = Arc::new(flow);
        let with = view::specimens(&flow, &site);
        for (with, without) in with.zip(view::specimens(&flow, Site::NONE)) {
            assert!(with.page.html.contains("Northmoor Council"), "{}", with.screen.name);
            assert!(!without.page.html.contains("<footer"), "{}", without.screen.name);
            more.push(packed(&with.page) - packed(&without.page));
        }
    }
    more.sort_unstable();
    let median = more[more.len() / 2];
    println!(
        "{} pages: {} to {} bytes more, median {median}",
        more.len(),
        more[0],
        more[more.len() - 1]
    );
    assert!(median <= MORE, "{median}: {more:?}");
}
