//! Moments in words, in the flow's time zone.

use jiff::Timestamp;

use crate::flow::{Flow, format};

/// `18:05 GMT on 27 November`, with the year where it is not that of `now`. Seconds since 1970.
pub(super) fn moment(flow: &Flow, at: i64, now: i64) -> String {
    let zoned = |seconds: i64| {
        let bounded = seconds.clamp(0, 253_000_000_000);
        Timestamp::from_second(bounded)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned_datetime(flow.time_zone.clone())
    };
    let then = zoned(at);
    let words = flow.words();
    // A zone without letters is called by its distance from UTC.
    let zone = then.strftime("%Z").to_string();
    let zone = if zone.starts_with(['+', '-']) {
        then.strftime("UTC%:z").to_string()
    } else {
        zone
    };
    let date = if then.year() == zoned(now).year() {
        format::day(then.date(), words)
    } else {
        format::date(then.date(), words)
    };
    words.page_moment(date, then.strftime("%H:%M"), zone)
}
