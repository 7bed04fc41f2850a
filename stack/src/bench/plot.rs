//! What telemetry adds to a request, as a picture: a self-contained SVG that is read on light and on dark pages.

use super::mode::MODES;
use super::results::Results;
use std::fmt::Write;

/// The picture's width; its height follows from the modes.
const WIDTH: f64 = 860.0;
/// Room for the modes' names.
const LEFT: f64 = 210.0;
/// Room for the longest bar's number.
const RIGHT: f64 = 70.0;
/// Room for title and legend.
const TOP: f64 = 84.0;
/// Room for the axis.
const BOTTOM: f64 = 56.0;
/// A bar's thickness.
const BAR: f64 = 15.0;
/// Between the two bars of a mode.
const BETWEEN: f64 = 4.0;
/// From one mode to the next.
const STEP: f64 = 56.0;
/// The axis has about so many marks.
const MARKS: f64 = 6.0;

const STYLE: &str = "\
    svg { --ink: #1f2430; --faint: #5c6370; --grid: #e3e6ea; --cpu: #2f6fde; --ins: #8f5bd6; --aim: #d9480f; --page: #ffffff }\n\
    @media (prefers-color-scheme: dark) { svg { --ink: #e8eaee; --faint: #9aa1ad; --grid: #333841; --cpu: #6ea2ff; \
    --ins: #bd94ff; --aim: #ff8f5e; --page: #16181d } }\n\
    text { font: 13px system-ui, sans-serif; fill: var(--ink) } .title { font-size: 17px; font-weight: 600 }\n\
    .faint { fill: var(--faint) } .end { text-anchor: end } .middle { text-anchor: middle }\n\
    .page { fill: var(--page) } .grid { stroke: var(--grid) } .cpu { fill: var(--cpu) } .ins { fill: var(--ins) }\n\
    .aim { stroke: var(--aim); stroke-width: 2.5 } .number { font-size: 12px }";

/// What one mode adds, in per cent, and what it may.
struct Bars {
    title: &'static str,
    cpu: Option<(f64, Option<f64>)>,
    instructions: Option<(f64, Option<f64>)>,
}

/// The picture; `None` where neither processor time nor instructions were measured.
pub fn svg(results: &Results) -> Option<String> {
    let bars = bars(results);
    if bars.is_empty() {
        return None;
    }
    let values = bars.iter().flat_map(|bars| [bars.cpu, bars.instructions]).flatten();
    let most = values.map(|(value, aim)| value.max(aim.unwrap_or_default())).fold(1.0, f64::max);
    let mark = mark(most);
    let end = (most / mark).ceil() * mark;
    let scale = (WIDTH - LEFT - RIGHT) / end;
    let height = TOP + STEP * bars.len() as f64 + BOTTOM;
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"What telemetry adds to a request\">\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"24\" y=\"34\">What telemetry adds to a request</text>"
    );
    legend(&mut svg);
    axis(&mut svg, mark, end, scale, height);
    for (row, bars) in bars.iter().enumerate() {
        let y = TOP + STEP * row as f64 + 8.0;
        let _ =
            writeln!(svg, "<text class=\"end\" x=\"{}\" y=\"{}\">{}</text>", LEFT - 12.0, y + BAR + 5.0, bars.title);
        // One bar stands in the middle of its row.
        let alone = bars.cpu.is_none() || bars.instructions.is_none();
        let mut bar_y = if alone { y + (BAR + BETWEEN) / 2.0 } else { y };
        for (class, value) in [("cpu", bars.cpu), ("ins", bars.instructions)] {
            if let Some((value, aim)) = value {
                bar(&mut svg, class, bar_y, value, aim, scale);
                bar_y += BAR + BETWEEN;
            }
        }
    }
    let _ = writeln!(svg, "</svg>");
    Some(svg)
}

fn bars(results: &Results) -> Vec<Bars> {
    let added = |ratio: f64| (ratio - 1.0) * 100.0;
    let aim = |what: &str, title: &str| {
        let name = format!("{what}, {title}");
        results.figures.iter().find(|figure| figure.name == name).map(|figure| added(figure.at_most))
    };
    let modes = MODES.iter().filter(|mode| mode.baseline != mode.name);
    let of_mode = |mode: &super::mode::Mode| {
        let cpu = results.cpu.iter().flatten().find(|row| row.mode == mode.name);
        let instructions = results.instructions.iter().flatten().find(|row| row.mode == mode.name);
        Bars {
            title: mode.title,
            cpu: cpu.map(|row| (added(row.cpu_ratio), aim("CPU a request", mode.title))),
            instructions: instructions.map(|row| (added(row.ratio), aim("instructions", mode.title))),
        }
    };
    modes.map(of_mode).filter(|bars| bars.cpu.is_some() || bars.instructions.is_some()).collect()
}

/// A round number, so that about [`MARKS`] of them make the axis.
fn mark(most: f64) -> f64 {
    let power = 10f64.powf((most / MARKS).log10().floor());
    let rounds = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power);
    rounds.into_iter().find(|mark| most / mark <= MARKS).unwrap_or(10.0 * power)
}

fn legend(svg: &mut String) {
    let mut x = 24.0;
    for (class, text, width) in [("cpu", "processor time", 130.0), ("ins", "instructions", 118.0)] {
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"50\" width=\"12\" height=\"12\" rx=\"2\"/>\
             <text class=\"faint\" x=\"{}\" y=\"61\">{text}</text>",
            x + 18.0
        );
        x += width;
    }
    let _ = writeln!(
        svg,
        "<line class=\"aim\" x1=\"{x}\" y1=\"49\" x2=\"{x}\" y2=\"63\"/>\
         <text class=\"faint\" x=\"{}\" y=\"61\">to be reached</text>",
        x + 8.0
    );
}

fn axis(svg: &mut String, mark: f64, end: f64, scale: f64, height: f64) {
    let marks = (end / mark).round() as u32;
    for number in 0..=marks {
        let value = f64::from(number) * mark;
        let (x, bottom) = (LEFT + value * scale, height - BOTTOM);
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\"/>\
             <text class=\"faint middle\" x=\"{x:.1}\" y=\"{}\">+{value} %</text>",
            bottom + 20.0
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"faint middle\" x=\"{}\" y=\"{}\">more than the same chain without telemetry</text>",
        LEFT + end * scale / 2.0,
        height - 14.0
    );
}

fn bar(svg: &mut String, class: &str, y: f64, value: f64, aim: Option<f64>, scale: f64) {
    // Less than nothing is noise; the number says it.
    let width = value.max(0.0) * scale;
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>"
    );
    let mut number = width;
    if let Some(aim) = aim {
        let x = LEFT + aim * scale;
        let _ = writeln!(
            svg,
            "<line class=\"aim\" x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{}\"/>",
            y - 2.0,
            y + BAR + 2.0
        );
        number = number.max(aim * scale);
    }
    let _ = writeln!(
        svg,
        "<text class=\"number\" x=\"{:.1}\" y=\"{}\">{value:+.1} %</text>",
        LEFT + number + 7.0,
        y + BAR - 3.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::InstructionRow;

    #[test]
    fn a_mode_has_a_bar_as_long_as_what_it_adds() {
        let row = |mode, title, ratio| InstructionRow {
            mode,
            title,
            baseline: "untraced",
            front: 0.0,
            back: 0.0,
            total: 0.0,
            ratio,
        };
        let instructions = vec![row("untraced", "untraced", 1.0), row("on", "traces at 100 %", 1.5)];
        let svg = svg(&Results { instructions: Some(instructions), ..Results::default() }).unwrap();
        // Half more than the chain without telemetry is the whole axis.
        assert!(svg.contains(&format!("width=\"{:.1}\" height=\"{BAR}\"", WIDTH - LEFT - RIGHT)), "{svg}");
        assert!(svg.contains("+50.0 %") && !svg.contains(">untraced<"), "{svg}");
        assert!(super::svg(&Results::default()).is_none());
    }

    #[test]
    fn marks_are_round_and_few() {
        assert_eq!([3.0, 20.0, 62.0, 205.0].map(mark), [0.5, 5.0, 20.0, 50.0]);
    }
}
