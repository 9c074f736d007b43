//! Evidence over time as a picture: one line for each run, and the line that proves harm. Written by hand, since a picture of
//! lines needs no library.

use crate::replay::Replay;
use crate::summary::{Summary, thinned};
use engine::Plan;
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 40.0;
/// Evidence below this is drawn on the lowest line.
const LEAST: f64 = 1e-2;

/// A picture with two panels for each rollout: releases that change nothing, and the incidents.
#[must_use]
pub fn svg(rollouts: &[(&Plan, &Summary, &[Replay])]) -> String {
    let panels: Vec<Panel<'_>> =
        rollouts.iter().flat_map(|(plan, healthy, replays)| panels(plan, healthy, replays)).collect();
    let height = HEIGHT * panels.len().max(1) as f64;
    let mut out = String::new();
    let _infallible = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (number, panel) in panels.iter().enumerate() {
        panel.draw(&mut out, HEIGHT * number as f64);
    }
    out.push_str("</svg>\n");
    out
}

struct Panel<'a> {
    title: String,
    needed: f64,
    paths: Vec<Path<'a>>,
}

struct Path<'a> {
    points: std::borrow::Cow<'a, [(i64, f64)]>,
    colour: &'static str,
}

/// For incidents, which are told apart by it.
const COLOURS: [&str; 6] = ["#0b62a4", "#d1731c", "#2e8540", "#8a3b9c", "#7a5c00", "#12808a"];
const ALARM: &str = "#c0392b";
const QUIET: &str = "#8a94a0";

fn panels<'a>(plan: &Plan, healthy: &'a Summary, replays: &'a [Replay]) -> Vec<Panel<'a>> {
    let needed = 1.0 / plan.judge.alpha_harm;
    let mut panels = Vec::new();
    if healthy.runs > 0 {
        let paths = healthy.paths.iter().map(|points| {
            let proved = points.last().is_some_and(|last| last.1 >= needed);
            Path { points: points.into(), colour: if proved { ALARM } else { QUIET } }
        });
        let (alarms, runs) = (healthy.false_alarms.count, healthy.runs);
        let title = format!("{}: {runs} releases that change nothing, {alarms} false alarms", plan.name);
        panels.push(Panel { title, needed, paths: paths.collect() });
    }
    if !replays.is_empty() {
        let names: Vec<&str> = replays.iter().map(|replay| replay.incident.name.as_str()).collect();
        let paths = replays.iter().zip(COLOURS.into_iter().cycle()).flat_map(|(replay, colour)| {
            replay.paths.iter().map(move |path| Path { points: thinned(path.clone()).into(), colour })
        });
        panels.push(Panel {
            title: format!("{}: incidents {}", plan.name, names.join(", ")),
            needed,
            paths: paths.collect(),
        });
    }
    panels
}

impl Panel<'_> {
    fn draw(&self, out: &mut String, top: f64) {
        let points = || self.paths.iter().flat_map(|path| path.points.iter());
        let longest = points().map(|point| point.0).max().unwrap_or(1).max(1) as f64;
        let most = points().map(|point| point.1).fold(self.needed, f64::max).min(1e12) * 3.0;
        let (low, high) = (LEAST.log10(), most.log10());
        let x = |ms: i64| LEFT + ms as f64 / longest * (WIDTH - LEFT - RIGHT);
        let y = |evidence: f64| {
            let part = (evidence.clamp(LEAST, most).log10() - low) / (high - low);
            top + HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
        };
        let _infallible = writeln!(
            out,
            "<text x=\"{LEFT}\" y=\"{:.0}\" font-weight=\"600\">{}</text>",
            top + 20.0,
            escaped(&self.title)
        );
        self.axes(out, top, longest, &y);
        for path in &self.paths {
            let line: Vec<String> =
                path.points.iter().map(|(ms, evidence)| format!("{:.1},{:.1}", x(*ms), y(*evidence))).collect();
            let _infallible = writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\"0.55\"/>",
                line.join(" "),
                path.colour
            );
        }
    }

    fn axes(&self, out: &mut String, top: f64, longest: f64, y: &impl Fn(f64) -> f64) {
        let (right, bottom) = (WIDTH - RIGHT, top + HEIGHT - BOTTOM);
        for (level, label) in
            [(LEAST, "0.01".to_owned()), (1.0, "1".to_owned()), (self.needed, format!("{}", self.needed.round()))]
        {
            let (at, colour) = (y(level), if level >= self.needed { ALARM } else { "#ccc" });
            let _infallible = writeln!(
                out,
                "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\" stroke=\"{colour}\"/>\
                 <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                LEFT - 6.0,
                at + 4.0
            );
        }
        let minutes = longest / 60_000.0;
        for part in 0..=4 {
            let (share, at) = (f64::from(part) / 4.0, minutes * f64::from(part) / 4.0);
            let _infallible = writeln!(
                out,
                "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{} min</text>",
                LEFT + share * (right - LEFT),
                bottom + 18.0,
                (at * 10.0).round() / 10.0
            );
        }
        let _infallible = writeln!(
            out,
            "<text x=\"{right}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#667\">evidence for harm; at {} it is proved</text>",
            bottom + 34.0,
            self.needed.round()
        );
    }
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
