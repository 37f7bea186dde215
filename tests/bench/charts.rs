//! Draws what tests/bench/run measured: arguments are the folder with the figures and the one for the charts. The colours can be
//! read on a light background and on a dark one.

use plotters::coord::Shift;
use plotters::prelude::*;
use std::path::Path;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const TEXT: RGBColor = RGBColor(128, 134, 142);
const GRID: RGBAColor = RGBAColor(128, 134, 142, 0.25);
const SIZE: i32 = 14;

/// A figure of the data: the lowest time of a program.
struct Figure {
    measure: String,
    /// How many rules the table had; 0 where the measure says it.
    rules: f64,
    program: String,
    seconds: f64,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut words = words.iter().filter(|word| !word.starts_with("--"));
    let [data, charts] = [words.next(), words.next()]
        .map(|word| Path::new(word.expect("two folders: run tests/bench/run")));
    let kernel = data.file_name().expect("a folder's name").to_string_lossy();
    let of = |group: &str| figures(&data.join(group).with_extension("tsv"));
    std::fs::create_dir_all(charts).expect("a folder for the charts");
    let path = |name: &str| charts.join(format!("{kernel}-{name}.svg"));
    let growth = of("growth");
    for measure in distinct(growth.iter().map(|figure| &figure.measure)) {
        let lines: Vec<_> = growth
            .iter()
            .filter(|figure| figure.measure == measure)
            .collect();
        let name = measure.trim_start_matches('-').replace(" --", "-");
        lines_of(&path(&name), measure, &lines);
    }
    let others: Vec<Figure> = ["restore", "replace", "single", "listing", "rest"]
        .into_iter()
        .flat_map(of)
        .collect();
    if !others.is_empty() {
        bars_of(&path("others"), &others);
    }
}

/// None where the group was not measured.
fn figures(file: &Path) -> Vec<Figure> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let figure = |line: &str| {
        let [measure, rules, program, seconds] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{}: not a figure: {line}", file.display());
        };
        let number = |text: &str| text.parse::<f64>().expect("a number");
        Figure {
            measure: measure.to_owned(),
            rules: number(rules),
            program: program.to_owned(),
            seconds: number(seconds),
        }
    };
    text.lines().map(figure).collect()
}

/// The different texts, in order.
fn distinct<'a>(all: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut texts: Vec<&str> = Vec::new();
    for text in all {
        if !texts.contains(&text.as_str()) {
            texts.push(text);
        }
    }
    texts
}

fn colour(program: &str) -> RGBColor {
    match program {
        "1.31" => RGBColor(214, 106, 20),
        "ours" => RGBColor(41, 121, 230),
        _ => RGBColor(120, 150, 110),
    }
}

fn name(program: &str) -> &str {
    match program {
        "1.31" => "ipvsadm 1.31",
        "ours" => "this ipvsadm",
        "cat" => "cat of the kernel's text",
        other => other,
    }
}

fn text(size: i32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&TEXT)
}

/// Times over rules, both logarithmic.
fn lines_of(file: &Path, title: &str, figures: &[&Figure]) {
    let area = SVGBackend::new(file, (640, 400)).into_drawing_area();
    let most = figures
        .iter()
        .map(|figure| figure.rules)
        .fold(0.0, f64::max);
    let [low, high] = decades(figures.iter().map(|figure| figure.seconds));
    let mut chart = ChartBuilder::on(&area)
        .caption(
            format!("{title}: time, by the number of rules"),
            text(SIZE + 2),
        )
        .margin(12)
        .margin_right(44)
        .x_label_area_size(30)
        .y_label_area_size(60)
        .build_cartesian_2d((80.0..most).log_scale(), (low * 0.99..high).log_scale())
        .expect("a chart");
    chart
        .configure_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(TEXT)
        .label_style(text(SIZE))
        .x_label_formatter(&|rules| thousands(*rules))
        .y_label_formatter(&|seconds| time(*seconds))
        .draw()
        .expect("axes");
    let programs = distinct(figures.iter().map(|figure| &figure.program));
    for program in programs {
        let colour = colour(program);
        let points: Vec<_> = figures
            .iter()
            .filter(|figure| figure.program == program)
            .map(|figure| (figure.rules, figure.seconds))
            .collect();
        let circles = points
            .iter()
            .map(|point| Circle::new(*point, 4, colour.filled()));
        chart.draw_series(circles).expect("points");
        chart
            .draw_series(LineSeries::new(
                points.iter().copied(),
                colour.stroke_width(2),
            ))
            .expect("a line")
            .label(name(program))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(text(SIZE))
        .draw()
        .expect("the legend");
    area.present().expect("writing the chart");
}

/// The powers of ten around the times.
fn decades(times: impl Iterator<Item = f64>) -> [f64; 2] {
    let logarithms: Vec<f64> = times.map(f64::log10).collect();
    let low = logarithms
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min)
        .floor();
    let high = logarithms
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max)
        .ceil();
    [low, high].map(|power| 10f64.powf(power))
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

fn time(seconds: f64) -> String {
    match seconds {
        10.0.. => format!("{seconds:.0} s"),
        0.9995.. => format!("{seconds:.1} s").replace(".0", ""),
        0.00995.. => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{:.1} ms", seconds * 1e3).replace(".0", ""),
    }
}

const BAR: i32 = 16;
/// Where the bars begin.
const LEFT: i32 = 310;
/// The pixels of a power of ten.
const DECADE: f64 = 90.0;

/// A bar for each program under the name of the measure, logarithmic, its time at its end.
fn bars_of(file: &Path, figures: &[Figure]) {
    let measures = distinct(figures.iter().map(|figure| &figure.measure));
    let rows = figures.len() as i32 * BAR + measures.len() as i32 * BAR / 2;
    let [low, high] = decades(figures.iter().map(|figure| figure.seconds));
    let width = LEFT + ((high / low).log10() * DECADE) as i32 + 260;
    let area: Area = SVGBackend::new(file, (width as u32, (rows + 20) as u32)).into_drawing_area();
    let mut y = 10;
    for measure in measures {
        let label = Text::new(measure.to_owned(), (10, y + 1), text(SIZE));
        area.draw(&label).expect("a name");
        for figure in figures.iter().filter(|figure| figure.measure == measure) {
            let end = LEFT + ((figure.seconds / low).log10() * DECADE) as i32;
            let bar = [(LEFT, y + 2), (end, y + BAR - 2)];
            let filled = colour(&figure.program).filled();
            area.draw(&Rectangle::new(bar, filled)).expect("a bar");
            let value = format!("{}  {}", time(figure.seconds), name(&figure.program));
            area.draw(&Text::new(value, (end + 6, y + 1), text(SIZE - 1)))
                .expect("a time");
            y += BAR;
        }
        y += BAR / 2;
    }
    area.present().expect("writing the chart");
}
