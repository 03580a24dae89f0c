//! A plot over time: values and their drawing.
//!
//! The SVG holds only shapes, and is stretched to the available width. All text stands beside it as
//! text of the page. So text has the same size on a phone as on a wide screen, and colours follow
//! the page, light or dark.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::bins::Bins;
use super::marks::Mark;
use super::scale::{self, Scale};
use super::units::clock;

/// The width of the drawing. One unit of height is a pixel; the width is stretched.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 200.0;
/// Least height of an alarming area.
const SEEN: f64 = 2.5;

/// A plot over the time of a run.
#[derive(Debug)]
pub struct Plot {
    /// Its name in the page.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Unit of the values.
    pub unit: &'static str,
    /// Summary in words.
    pub summary: String,
    /// Its values.
    pub scale: Scale,
    /// Formats a value.
    pub format: fn(f64) -> String,
    /// The series, from the bottom up.
    pub series: Vec<Series>,
    /// A level for comparison, with its name.
    pub level: Option<(f64, String)>,
}

/// One row of values.
#[derive(Debug)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// A colour of the page: the part of its class after `c-`.
    pub colour: &'static str,
    /// Shape of the drawing.
    pub shape: Shape,
    /// A value for each bin; none if unknown.
    pub values: Vec<Option<f64>>,
    /// Figure beside its name: the sum, the most.
    pub whole: String,
}

/// Shape of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An area on top of those before.
    Stacked,
    /// An area for bad answers: striped, and visible however small.
    Alarming,
    /// A line: plain.
    Plain,
    /// A line: long dashes.
    Dashed,
    /// A line: dots.
    Dotted,
}

impl Shape {
    fn class(self) -> &'static str {
        match self {
            Self::Stacked => "area",
            Self::Alarming => "area alarming",
            Self::Plain => "line",
            Self::Dashed => "line dashed",
            Self::Dotted => "line dotted",
        }
    }

    fn is_area(self) -> bool {
        matches!(self, Self::Stacked | Self::Alarming)
    }
}

impl Plot {
    /// Returns whether there is nothing to draw.
    fn is_empty(&self) -> bool {
        self.series
            .iter()
            .all(|series| series.values.iter().all(Option::is_none))
    }

    /// Returns the plot as a figure; `coarse` is the same plot in few enough points for a table.
    #[must_use]
    pub fn html(&self, bins: &Bins, marks: &[Mark], coarse: (&Self, &Bins)) -> Markup {
        html! {
            figure.plot id=(self.id) {
                figcaption {
                    h3 id=(format!("{}-title", self.id)) { (self.title) " " small { (self.unit) } }
                    p id=(format!("{}-summary", self.id)) { (self.summary) }
                }
                @if self.is_empty() {
                    p.nothing { "Nothing was measured." }
                } @else {
                    (self.legend())
                    div.frame {
                        (self.values_beside())
                        div.canvas data-plot=(self.id) tabindex="0" {
                            (self.shapes(bins, marks))
                            @for mark in marks {
                                a.flag href="#events" style=(format!("left:{:.2}%", mark.share * 100.0)) { (mark.label) }
                            }
                            @if let Some((value, name)) = &self.level {
                                span.level style=(format!("bottom:{:.1}%", self.scale.share(*value) * 100.0)) { (name) }
                            }
                            span.cursor {}
                        }
                        (times_below(bins))
                    }
                    details {
                        summary { "The figures behind it" }
                        (coarse.0.table(coarse.1))
                    }
                }
            }
        }
    }

    fn legend(&self) -> Markup {
        html! {
            ul.legend {
                li.now { "the whole run" }
                @for series in self.series.iter().rev() {
                    li class=(format!("c-{}", series.colour)) {
                        i class=(series.shape.class()) {}
                        span { (series.name) } " "
                        b { (series.whole) }
                    }
                }
            }
        }
    }

    fn values_beside(&self) -> Markup {
        html! {
            div.values aria-hidden="true" {
                @for tick in self.scale.ticks() {
                    span style=(format!("bottom:{:.1}%", self.scale.share(tick) * 100.0)) { ((self.format)(tick)) }
                }
            }
        }
    }

    fn shapes(&self, bins: &Bins, marks: &[Mark]) -> Markup {
        let x = |share: f64| format!("{:.1}", share * WIDTH);
        let view = format!("0 0 {WIDTH} {HEIGHT}");
        html! {
            svg role="img" aria-labelledby=(format!("{}-title", self.id))
                aria-describedby=(format!("{}-summary", self.id))
                viewBox=(view) preserveAspectRatio="none" {
                @for tick in self.scale.ticks() {
                    path.grid d=(format!("M0 {:.1}H{WIDTH}", self.y(tick))) {}
                }
                @for time in scale::times(bins.length_s()) {
                    path.grid d=(format!("M{} 0V{HEIGHT}", x(time / bins.length_s()))) {}
                }
                (self.areas())
                @for line in self.series.iter().filter(|series| !series.shape.is_area()) {
                    path class=(format!("{} c-{}", line.shape.class(), line.colour)) d=(self.steps(&line.values)) {}
                }
                @if let Some((value, _)) = &self.level {
                    path.level d=(format!("M0 {:.1}H{WIDTH}", self.y(*value))) {}
                }
                @for at in marks.iter().flat_map(|mark| &mark.all) {
                    path.mark d=(format!("M{} 0V{HEIGHT}", x(*at))) {}
                }
            }
        }
    }

    /// Draws the areas, stacked in units of the picture, so that alarming ones get their least
    /// height.
    fn areas(&self) -> Markup {
        let mut below: Vec<f64> = Vec::new();
        let mut drawn = Vec::new();
        for series in self.series.iter().filter(|series| series.shape.is_area()) {
            below.resize(series.values.len(), HEIGHT);
            let least = if series.shape == Shape::Alarming {
                SEEN
            } else {
                0.0
            };
            let height = |value: &Option<f64>| match value {
                Some(value) if *value > 0.0 => (HEIGHT - self.y(*value)).max(least),
                Some(_) | None => 0.0,
            };
            let pairs = below.iter().zip(&series.values);
            let above: Vec<_> = pairs.map(|(y, value)| y - height(value)).collect();
            drawn.push((series, between(&above, &below)));
            below = above;
        }
        html! {
            @for (series, path) in drawn {
                path class=(format!("area c-{}", series.colour)) d=(path) {}
                @if series.shape == Shape::Alarming {
                    path.stripes d=(path) {}
                }
            }
        }
    }

    fn y(&self, value: f64) -> f64 {
        (1.0 - self.scale.share(value)) * HEIGHT
    }

    /// Returns a line that holds its value for a whole bin, and stops at unknown values.
    fn steps(&self, values: &[Option<f64>]) -> String {
        let step = WIDTH / values.len() as f64;
        let mut path = String::new();
        let mut is_drawing = false;
        for (index, value) in values.iter().enumerate() {
            let Some(value) = value else {
                is_drawing = false;
                continue;
            };
            let begin = if is_drawing {
                String::from("V")
            } else {
                format!("M{:.1} ", index as f64 * step)
            };
            // writing to a string does not fail
            let _ = write!(
                path,
                "{begin}{:.1}H{:.1}",
                self.y(*value),
                (index + 1) as f64 * step
            );
            is_drawing = true;
        }
        path
    }

    fn table(&self, bins: &Bins) -> Markup {
        html! {
            div.wide {
                table {
                    caption { (self.title) ", " (self.unit) "; each row " (super::units::duration(bins.width as f64)) }
                    thead {
                        tr {
                            th scope="col" { "from" }
                            @for series in &self.series { th scope="col" { (series.name) } }
                        }
                    }
                    tbody {
                        @for index in 0..bins.bins.len() {
                            tr {
                                th scope="row" { (clock(bins.begins_at_s(index))) }
                                @for series in &self.series { td { (self.value(series, index)) } }
                            }
                        }
                    }
                }
            }
        }
    }

    fn value(&self, series: &Series, index: usize) -> String {
        let value = series.values.get(index).copied().flatten();
        value.map_or_else(|| "–".to_owned(), self.format)
    }

    /// Returns all values as text, one row for each entry of the legend, for the readout.
    #[must_use]
    pub fn readout(&self) -> Vec<Vec<String>> {
        let rows = self.series.iter().rev();
        rows.map(|series| {
            (0..series.values.len())
                .map(|index| self.value(series, index))
                .collect()
        })
        .collect()
    }
}

fn times_below(bins: &Bins) -> Markup {
    html! {
        div.times aria-hidden="true" {
            @for time in scale::times(bins.length_s()) {
                span style=(format!("left:{:.2}%", time / bins.length_s() * 100.0)) { (clock(time)) }
            }
        }
    }
}

/// Returns the outline of an area between two rows of steps.
fn between(above: &[f64], below: &[f64]) -> String {
    let step = WIDTH / above.len() as f64;
    let mut path = String::from("M0 ");
    for (index, y) in above.iter().enumerate() {
        let begin = if index == 0 { "" } else { "V" };
        // writing to a string does not fail
        let _ = write!(path, "{begin}{y:.1}H{:.1}", (index + 1) as f64 * step);
    }
    for (index, y) in below.iter().enumerate().rev() {
        let _ = write!(path, "V{y:.1}H{:.1}", index as f64 * step);
    }
    path + "Z"
}
