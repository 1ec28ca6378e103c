//! Moments in words, in the flow's time zone.

use jiff::Timestamp;

use crate::flow::Flow;

/// `18:05 GMT on 27 November`, with the year where it is not that of `now`. Seconds since 1970.
pub(super) fn moment(flow: &Flow, at: i64, now: i64) -> String {
    let zoned = |seconds: i64| {
        let bounded = seconds.clamp(0, 253_000_000_000);
        Timestamp::from_second(bounded)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned_datetime(flow.time_zone.clone())
    };
    let then = zoned(at);
    let year = if then.year() == zoned(now).year() { "" } else { " %Y" };
    // A zone without letters is called by its distance from UTC.
    let zone = if then.strftime("%Z").to_string().starts_with(['+', '-']) {
        "UTC%:z"
    } else {
        "%Z"
    };
    then.strftime(&format!("%H:%M {zone} on %-d %B{year}")).to_string()
}
