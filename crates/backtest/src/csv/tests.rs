//! Tables as people hand them in, and as they should not.

use super::*;

fn read(text: &str) -> Recording {
    read_csv(text, "t.csv", Counted::Increments).unwrap()
}

fn refused(text: &str) -> (&'static str, String) {
    let problem = read_csv(text, "t.csv", Counted::Increments).unwrap_err();
    (problem.code, problem.what)
}

#[test]
fn totals_are_read() {
    let recording = read("time,requests,errors\n100,10,1\n110,12,0\n120,9,9\n");
    assert_eq!(*recording.units(), Units::Total);
    assert_eq!((recording.bounds_ms(), recording.step_ms(), recording.gaps()), ((100_000, 130_000), 10_000, 0));
    let last = recording.intervals()[2].stable[0].as_ref().unwrap();
    assert_eq!((last.requests, last.errors, last.latency.total()), (9, 9, 0));
}

#[test]
fn pods_arms_quotes_and_other_orders_are_read() {
    let text = "\u{feff}errors,\"requests\",Instance,arm,time\r\n\
        0,10,a,stable,2026-03-01T10:00:00Z\r\n1,11,b,stable,2026-03-01T10:00:00Z\r\n3,5,c,canary,2026-03-01T10:00:00Z\r\n\
        4.0,6,d,canary,2026-03-01T10:00:00Z\r\n\r\n0,10,b,stable,2026-03-01T10:00:10Z\r\n";
    let recording = read(text);
    assert_eq!(*recording.units(), Units::Pods(vec!["a".into(), "b".into()]));
    let [first, second] = recording.intervals() else { panic!() };
    let canary = first.canary.as_ref().unwrap();
    assert_eq!((canary.requests, canary.errors), (11, 7));
    assert!(second.stable[0].is_none() && second.stable[1].is_some() && second.canary.is_none());
}

#[test]
fn response_times_are_read_by_their_edges() {
    let recording = read("time,requests,errors,le_0.5,le_0.1\n1,10,0,9,4\n2,10,0,10,10\n");
    let histogram = &recording.intervals()[0].stable[0].as_ref().unwrap().latency;
    assert_eq!(histogram.total(), 10);
    let median = histogram.quantile(0.5).unwrap();
    assert!((100_000.0..=500_000.0).contains(&median), "{median}");
    let with_infinity = read("time,requests,errors,le_0.1,le_inf\n1,10,0,4,9\n2,10,0,9,9\n");
    assert_eq!(with_infinity.intervals()[0].stable[0].as_ref().unwrap().latency.total(), 9);
}

#[test]
fn a_gap_is_a_gap_and_no_zero() {
    let recording = read("time,requests,errors\n0,9,0\n10,9,0\n20,9,0\n100,9,0\n110,9,0\n");
    assert_eq!((recording.gaps(), recording.measured_ms()), (1, 50_000));
    assert_eq!(recording.intervals()[2].to_ms, 30_000);
}

#[test]
fn running_totals_are_subtracted_and_a_restart_is_missing() {
    let text = "time,pod,requests,errors\n0,a,100,5\n0,b,50,0\n10,a,130,6\n10,b,60,0\n20,a,7,0\n20,b,70,1\n30,a,9,1\n30,b,75,1\n";
    let recording = read_csv(text, "t.csv", Counted::RunningTotals).unwrap();
    let counts = |interval: usize, pod: usize| {
        recording.intervals()[interval].stable[pod].as_ref().map(|arm| (arm.requests, arm.errors))
    };
    assert_eq!([counts(0, 0), counts(1, 0), counts(2, 0)], [Some((30, 1)), None, Some((2, 1))]);
    assert_eq!([counts(0, 1), counts(1, 1), counts(2, 1)], [Some((10, 0)), Some((10, 1)), Some((5, 0))]);
}

#[test]
fn a_total_that_falls_alone_is_no_restart() {
    let text = "time,requests,errors\n0,100,5\n10,130,6\n20,140,2\n";
    let problem = read_csv(text, "t.csv", Counted::RunningTotals).unwrap_err();
    assert_eq!(problem.code, "TG-7054");
    assert_eq!(problem.what, "t.csv:4: the running total `errors` falls from 6 to 2");
}

#[test]
fn what_is_no_table_is_refused_with_its_line() {
    for (text, what) in [
        ("", "t.csv:1: there is nothing in it"),
        ("\n", "t.csv:1: there is nothing in it"),
        ("time,requests\n", "t.csv:1: there is no column `errors`"),
        ("time,requests,errors,errros\n", "t.csv:1: the column `errros` is not known"),
        ("time,requests,errors,errors\n", "t.csv:1: the column `errors` is there twice"),
        ("time,requests,errors,pod,instance\n", "t.csv:1: there are `pod` and `instance`"),
        ("time,requests,errors,le_0\n", "t.csv:1: the column `le_0` is not known"),
        ("time,requests,errors,le_inf\n", "t.csv:1: the columns `le_inf` … are no buckets"),
        ("time,requests,errors\n1,2\n", "t.csv:2: 2 cells"),
        ("time,requests,errors,arm\n1,2,0,blue\n", "t.csv:2: the arm `blue` is not known"),
    ] {
        assert_eq!(refused(text), ("TG-7051", what.to_owned()));
    }
}

#[test]
fn what_is_no_count_is_refused_with_its_line() {
    for (value, what) in [
        ("NaN,0", "t.csv:2: requests is `NaN`"),
        (",0", "t.csv:2: requests is ``"),
        ("5,-1", "t.csv:2: errors is `-1`"),
        ("5.5,0", "t.csv:2: requests is `5.5`"),
        ("1e300,0", "t.csv:2: requests is `1e300`"),
        ("5,6", "t.csv:2: these counts cannot be true"),
    ] {
        assert_eq!(refused(&format!("time,requests,errors\n1,{value}\n2,1,0\n")), ("TG-7052", what.to_owned()));
    }
    let falls = refused("time,requests,errors,le_0.1,le_0.2\n1,9,0,5,4\n2,9,0,5,9\n");
    assert_eq!(falls, ("TG-7052", "t.csv:2: these counts cannot be true".to_owned()));
}

#[test]
fn clocks_that_jump_are_refused_with_their_line() {
    for (lines, what) in [
        ("soon,1,0\n", "t.csv:2: `soon` is no time"),
        ("1700000000000,1,0\n", "t.csv:2: `1700000000000` is no time"),
        ("10,1,0\n20,1,0\n5,1,0\n", "t.csv:4: 1970-01-01T00:00:05Z goes back in time"),
        ("10,1,0\n10,1,0\n", "t.csv:3: 1970-01-01T00:00:10Z again"),
        ("10,1,0\n20,1,0\n30,1,0\n31,1,0\n41,1,0\n", "t.csv:5: 1970-01-01T00:00:31Z comes too soon"),
    ] {
        assert_eq!(refused(&format!("time,requests,errors\n{lines}")), ("TG-7053", what.to_owned()));
    }
}

#[test]
fn too_little_is_too_little() {
    assert_eq!(refused("time,requests,errors\n").0, "TG-7055");
    assert_eq!(refused("time,requests,errors\n1,5,0\n").0, "TG-7055");
    assert_eq!(refused("time,requests,errors\n1,0,0\n2,0,0\n3,0,0\n").0, "TG-7055");
    assert_eq!(refused("time,pod,requests,errors\n1,a,5,0\n2,a,5,0\n").0, "TG-7057");
}
