//! Compression: what was asked for, and nothing where nothing was.

use std::io::Read as _;

use deity::http::encoding::{Encoding, Pace, Quality};
use deity::http::pack::{Dictionary, encode};
use hyper::HeaderMap;
use proptest::prelude::*;

use crate::support::rounds;

fn accepted(asked: &[&str]) -> Encoding {
    let mut headers = HeaderMap::new();
    for line in asked {
        headers.append("accept-encoding", line.parse().unwrap());
    }
    Encoding::accepted(&headers)
}

#[test]
fn the_header_is_taken_at_its_word() {
    use Encoding::{Brotli, Gzip, Plain};
    let cases: &[(&[&str], Encoding)] = &[
        (&[], Plain),
        (&[""], Plain),
        (&["gzip, deflate, br, zstd"], Brotli),
        (&["gzip, deflate"], Gzip),
        (&["gzip, compress, bzip2"], Gzip),
        (&["GZIP"], Gzip),
        (&["x-gzip"], Gzip),
        (&["deflate"], Plain),
        (&["zstd"], Plain),
        (&["identity"], Plain),
        (&["identity;q=0"], Plain),
        (&["br"], Brotli),
        (&["gzip", "br"], Brotli),
        (&["gzip;q=1.0, br;q=0.5"], Gzip),
        (&["gzip;q=0.5, br;q=0.501"], Brotli),
        (&["gzip;q=0"], Plain),
        (&["br;q=0, gzip"], Gzip),
        (&["br;q=0.0,gzip;q=0.000"], Plain),
        (&["*"], Gzip),
        (&["*;q=0"], Plain),
        (&["gzip;q=0, *"], Brotli),
        (&["br;q=0, *;q=0.1"], Gzip),
        (&["gzip, *"], Gzip),
        (&["br, *"], Brotli),
        (&["br;q=0.5, *;q=0.5"], Brotli),
        (&["identity, gzip;q=0.5"], Plain),
        (&["identity;q=0.5, gzip"], Gzip),
        (&["identity;q=0.5, *;q=0"], Plain),
        (&["gzip;q=2"], Plain),
        (&["gzip;q=-1"], Plain),
        (&["gzip;q=1.0001"], Plain),
        (&["gzip;q"], Plain),
        (&["gzip;level=9"], Plain),
        (&["gzip ; Q = 0.5"], Gzip),
        (&["gzipped, brr"], Plain),
        (&[",,,gzip,,"], Gzip),
    ];
    for (asked, encoding) in cases {
        assert_eq!(accepted(asked), *encoding, "{asked:?}");
    }
}

fn page(length: usize) -> Vec<u8> {
    let words = [
        "<p>What is your ",
        "name",
        "address",
        "</p>",
        "<input id=line",
        " autocomplete=",
        "1",
        "postcode",
    ];
    let mut page = Vec::new();
    for n in 0_usize.. {
        if page.len() >= length {
            break;
        }
        page.extend_from_slice(words[n * n % 7 + n % 2].as_bytes());
    }
    page.truncate(length);
    page
}

#[test]
fn every_page_comes_back_as_it_was() {
    for length in [0, 1, 100, 1_000, 1_600, 4_096, 40_000, 300_000] {
        let page = page(length);
        for quality in 0..=11 {
            let packed = encode(&page, Encoding::Brotli, quality, None).unwrap();
            let mut back = Vec::new();
            brotli::Decompressor::new(&packed[..], 4096)
                .read_to_end(&mut back)
                .unwrap();
            assert!(back == page, "{length} bytes at quality {quality}");
        }
        let packed = encode(&page, Encoding::Gzip, 0, None).unwrap();
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_end(&mut back)
            .unwrap();
        assert!(back == page, "{length} bytes");
        assert_eq!(encode(&page, Encoding::Plain, 11, None), None);
    }
}

#[test]
fn what_cannot_be_made_smaller_comes_back_too() {
    let mut seed = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 56) as u8
    })
    .take(200_000)
    .collect();
    let packed = encode(&noise, Encoding::Gzip, 0, None).unwrap();
    let mut back = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut back)
        .unwrap();
    assert!(back == noise);
}

#[test]
fn quality_gives_way_to_pace_and_climbs_where_a_page_does_not_fit() {
    let first = |pace| Quality::Auto.first(pace, 1_500);
    assert_eq!([1, 20, 100, 10_000].map(first), [Some(11), Some(10), Some(5), Some(2)]);
    let better = |quality| Quality::Auto.better(Encoding::Brotli, quality, 1_200, 1_150);
    assert_eq!([2, 5, 10, 11].map(better), [Some(5), Some(10), Some(11), None]);
    assert_eq!(Quality::Auto.better(Encoding::Brotli, 2, 1_100, 1_150), None, "it fits");
    let hopeless = [(2, 1_850), (5, 1_460), (10, 1_240)];
    assert!(
        hopeless
            .iter()
            .all(|(q, packed)| Quality::Auto.better(Encoding::Brotli, *q, *packed, 1_150).is_none())
    );
    let fixed = Quality::Fixed(4);
    assert_eq!(
        (fixed.first(1, 1_500), fixed.better(Encoding::Brotli, 4, 1_200, 1_150)),
        (Some(4), None)
    );
    assert_eq!(Quality::Fixed(99).first(10_000, 1_500), Some(11));
    assert_eq!(Quality::Off.first(1, 1_500), None);
}

#[test]
fn a_long_page_gets_little_time_whatever_is_set() {
    for quality in [Quality::Auto, Quality::Fixed(11)] {
        assert_eq!(
            [8 << 10, 9 << 10, 65 << 10].map(|length| quality.first(0, length)),
            [Some(11), Some(5), Some(2)]
        );
    }
}

#[test]
fn against_a_dictionary_a_page_has_the_prefix_of_the_standard() {
    let dictionary = Dictionary::of(page(3_000));
    assert!(dictionary.bytes().ends_with(&[0, 0]));
    let page = page(1_600);
    let packed = encode(&page, Encoding::Dictionary, 11, Some(&dictionary)).unwrap();
    assert_eq!(packed[..4], [0xff, 0x44, 0x43, 0x42]);
    assert_eq!(packed[4..36], dictionary.hash);
    assert!(packed.len() < 36 + 60, "{} bytes", packed.len());
    assert_eq!(encode(&page, Encoding::Dictionary, 11, None), None);
}

/// Pages made of pieces of a dictionary and of what people type, in every order.
fn pieces() -> impl Strategy<Value = Vec<String>> {
    let known = [
        "<p><label for=given>Given names</label> <input id=given name=given",
        "<p>",
        "Continue</button>",
    ];
    let piece = prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        "[a-zA-Z0-9<>=&; .]{0,40}",
        "\\PC{0,12}",
    ];
    proptest::collection::vec(piece, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(rounds(2_000, 200) as u32))]

    #[test]
    fn whatever_is_packed_against_a_dictionary_comes_back(before in pieces(), page in pieces(), quality in 0..=11_u8) {
        let dictionary = Dictionary::of(before.concat().into_bytes());
        let page = page.concat();
        let packed = encode(page.as_bytes(), Encoding::Dictionary, quality, Some(&dictionary)).unwrap();
        let mut back = Vec::new();
        brotli::Decompressor::new_with_custom_dict(&packed[36..], 4096, dictionary.bytes().to_vec().into())
            .read_to_end(&mut back)
            .unwrap();
        prop_assert!(back == page.as_bytes());
    }
}

#[test]
fn pace_is_the_busier_of_this_tenth_of_a_second_and_the_one_before() {
    let pace = Pace::default();
    for n in 1..=30 {
        assert_eq!(pace.count(1_000), n);
    }
    assert_eq!(pace.count(1_099), 31);
    assert_eq!(pace.count(1_100), 31);
    assert_eq!(pace.count(1_200), 1);
    assert_eq!(pace.count(9_000), 1);
    for _ in 0..100_000 {
        pace.count(9_000);
    }
    assert_eq!(pace.count(9_000), u16::MAX);
}
