//! The results as tables: aligned for a terminal, or Markdown.

use super::results::{FaultRow, ModeRow, Results, SigtermRow};

/// A table. The first column is text, the others are numbers.
pub struct Table {
    title: String,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// One table for each part that was measured; what was to be reached comes last.
pub fn tables(results: &Results) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Some(rows) = &results.cpu {
        tables.push(under_load("Two services under load", rows));
    }
    if let Some(rows) = &results.latency {
        let mut table =
            Table::new("One request at a time", &["mode", "p50 ms", "to untraced", "p99 ms", "to untraced"]);
        for row in rows {
            let cells = [three(row.p50_ms), two(row.p50_ratio), three(row.p99_ms), two(row.p99_ratio)];
            table.push(row.title, cells);
        }
        tables.push(table);
    }
    if let Some(rows) = &results.instructions {
        let header = ["mode", "front", "back", "both", "to untraced"];
        let mut table = Table::new("Instructions a request, in thousands", &header);
        for row in rows {
            let thousands = [row.front, row.back, row.total].map(|count| one(count / 1_000.0));
            table.push(row.title, thousands.into_iter().chain([two(row.ratio)]));
        }
        tables.push(table);
    }
    if let Some(steps) = &results.micro {
        let mut table = Table::new("One span", &["step", "ns", "allocations"]);
        for step in steps {
            table.push(&step.name, [format!("{:.0}", step.nanoseconds), one(step.allocations)]);
        }
        tables.push(table);
    }
    if let Some(rows) = &results.chain {
        tables.push(under_load("The project's services under load", rows));
    }
    if let Some(loss) = &results.loss {
        let title =
            format!("{} spans a second to a receiver that takes {} ms", loss.spans_per_second, loss.answer_delay_ms);
        let mut table = Table::new(title, &["", "made", "received", "lost"]);
        let lost = loss.made.saturating_sub(loss.received);
        table.push(&format!("{} s", loss.seconds), [loss.made, loss.received, lost].map(|count| count.to_string()));
        tables.push(table);
    }
    if let Some(rows) = &results.faults {
        tables.extend([fault_requests(rows), fault_spans(rows)]);
    }
    if let Some(row) = &results.sigterm {
        tables.push(sigterm(row));
    }
    tables.push(figures(results));
    tables
}

fn fault_requests(rows: &[FaultRow]) -> Table {
    let header = ["receiver", "sent", "answered", "p99 ms", "to healthy", "front MiB", "grown", "back MiB", "grown"];
    let mut table = Table::new("Requests and memory while something is wrong with the receiver", &header);
    for row in rows {
        let cells = [row.sent.to_string(), row.answered.to_string(), two(row.p99_ms), two(row.p99_ratio)];
        let memory = [&row.front, &row.back].map(|process| [one(process.peak_mib), one(process.grown_mib)]);
        table.push(row.title, cells.into_iter().chain(memory.into_iter().flatten()));
    }
    table
}

fn fault_spans(rows: &[FaultRow]) -> Table {
    let header = ["receiver", "", "due", "ended", "exported", "failed", "dropped", "late", "waiting", "off by"];
    let mut table = Table::new("What became of the spans meanwhile", &header);
    for row in rows {
        for (name, process) in [("front", &row.front), ("back", &row.back)] {
            let account = &process.account;
            let counts = [process.spans_due, account.ended, account.exported, account.all_failed()];
            let rest = [account.dropped, account.late, account.waiting, process.off()];
            let counts = counts.into_iter().chain(rest).map(|count| count.to_string());
            table.push(row.title, [name.to_owned()].into_iter().chain(counts));
        }
    }
    table
}

fn sigterm(row: &SigtermRow) -> Table {
    let header = [
        "rounds",
        "answered",
        "not answered",
        "ended",
        "received",
        "lost",
        "missing",
        "unfinished",
        "off by",
        "unwell",
    ];
    let mut table = Table::new("SIGTERM under load, both services", &header);
    let answers = [row.answered, row.unanswered];
    let spans = [row.ended, row.received, row.lost, row.missing, row.unfinished, row.off];
    let cells = answers.into_iter().chain(spans).chain([row.unwell]);
    table.push(&row.rounds.to_string(), cells.map(|count| count.to_string()));
    table
}

fn under_load(title: &str, rows: &[ModeRow]) -> Table {
    let cpu = ["CPU us", "to untraced", "from", "to"];
    let rest = ["requests/s", "to untraced", "p50 ms", "p99 ms", "spans lost", "bytes/span"];
    let header: Vec<&str> = ["mode"].into_iter().chain(cpu).chain(rest).collect();
    let mut table = Table::new(title, &header);
    for row in rows {
        let lost = row.spans_due.saturating_sub(row.spans_received);
        let lost = if row.spans_due == 0 { "-".to_owned() } else { lost.to_string() };
        let bytes = row.bytes_a_span.map_or_else(|| "-".to_owned(), |bytes| format!("{bytes:.0}"));
        let ratios = [row.cpu_ratio, row.cpu_ratio_from, row.cpu_ratio_to].map(two);
        let cpu = [one(row.cpu_us)].into_iter().chain(ratios);
        let rate = [format!("{:.0}", row.rate), two(row.rate_ratio)];
        table.push(row.title, cpu.chain(rate).chain([two(row.p50_ms), two(row.p99_ms), lost, bytes]));
    }
    table
}

fn figures(results: &Results) -> Table {
    let mut table = Table::new("To be reached", &["figure", "measured", "at most", ""]);
    for figure in &results.figures {
        let reached = if figure.reached { "reached" } else { "missed" };
        table.push(&figure.name, [two(figure.measured), two(figure.at_most), reached.to_owned()]);
    }
    table
}

impl Table {
    pub(super) fn new(title: impl Into<String>, header: &[&'static str]) -> Self {
        Self { title: title.into(), header: header.to_vec(), rows: Vec::new() }
    }

    pub(super) fn push(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        self.rows.push([name.to_owned()].into_iter().chain(cells).collect());
    }

    /// For a terminal, without its title.
    pub fn text(&self) -> String {
        let header: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&header]).filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..header.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut cells = row.iter().zip(&widths);
            let first = cells.next().map(|(cell, width)| format!("{cell:<width$}", width = *width));
            let rest = cells.map(|(cell, width)| format!("  {cell:>width$}", width = *width));
            format!("  {}", first.into_iter().chain(rest).collect::<String>().trim_end())
        };
        [&header].into_iter().chain(&self.rows).map(line).collect::<Vec<_>>().join("\n")
    }

    /// As Markdown, with its title.
    pub fn markdown(&self) -> String {
        let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<&str> = (0..self.header.len()).map(|column| if column == 0 { "---" } else { "---:" }).collect();
        let rows = self.rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
        let head = [line(self.header.clone()), line(rule)];
        format!("### {}\n\n{}", self.title, head.into_iter().chain(rows).collect::<String>())
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }
}

fn one(value: f64) -> String {
    format!("{value:.1}")
}

fn two(value: f64) -> String {
    format!("{value:.2}")
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_markdown_has_the_same_cells() {
        let mut table = Table::new("A title", &["mode", "ratio"]);
        table.push("untraced", ["1.00".to_owned()]);
        table.push("on", ["12.30".to_owned()]);
        assert_eq!(table.text(), "  mode      ratio\n  untraced   1.00\n  on        12.30");
        assert_eq!(
            table.markdown(),
            "### A title\n\n| mode | ratio |\n| --- | ---: |\n| untraced | 1.00 |\n| on | 12.30 |\n"
        );
    }
}
