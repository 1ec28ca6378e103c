//! Compression: what was asked for, and nothing where nothing was.

use std::io::Read as _;

use deity::http::encoding::{Encoding, Pace, Quality, encode};
use hyper::HeaderMap;

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
            let packed = encode(&page, Encoding::Brotli, quality).unwrap();
            let mut back = Vec::new();
            brotli::Decompressor::new(&packed[..], 4096)
                .read_to_end(&mut back)
                .unwrap();
            assert!(back == page, "{length} bytes at quality {quality}");
        }
        let packed = encode(&page, Encoding::Gzip, 0).unwrap();
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_end(&mut back)
            .unwrap();
        assert!(back == page, "{length} bytes");
        assert_eq!(encode(&page, Encoding::Plain, 11), None);
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
    let packed = encode(&noise, Encoding::Gzip, 0).unwrap();
    let mut back = Vec::new();
    flate2::read::GzDecoder::new(&packed[..])
        .read_to_end(&mut back)
        .unwrap();
    assert!(back == noise);
}

#[test]
fn quality_gives_way_to_pace() {
    assert_eq!(Quality::Auto.brotli(1), 11);
    assert_eq!(Quality::Auto.brotli(20), 10);
    assert_eq!(Quality::Auto.brotli(100), 5);
    assert_eq!(Quality::Auto.brotli(10_000), 2);
    assert_eq!(Quality::Fixed(4).brotli(1), 4);
    assert_eq!(Quality::Fixed(99).brotli(10_000), 11);
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
