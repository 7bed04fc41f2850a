//! The chain with the real backends behind it: a real Collector, a real Prometheus, Tempo where it is installed, and our own
//! observatory. What needs a program that is not here is skipped by name.

// The chain is started as the tests of the chain start it; what those need of it and these do not stays unused.
#[allow(dead_code)]
#[path = "../documents/exercise_page.rs"]
mod exercise_page;
#[allow(dead_code)]
#[path = "../chain/gateway.rs"]
mod gateway;
#[allow(dead_code)]
#[path = "../chain/harness.rs"]
mod harness;
#[allow(dead_code)]
#[path = "../documents/markdown.rs"]
mod markdown;
#[path = "../chain/outlines.rs"]
mod outlines;

mod alerts;
mod annotations;
mod backend_away;
mod before_failures;
mod collector_away;
mod collector_metrics;
mod configurations;
mod counted;
mod dashboards;
mod doctors;
mod edges;
mod exemplars;
mod exercises;
mod full_disk;
mod further_store;
mod graph;
mod ledger;
mod links;
mod log_records;
mod loki;
mod nginx_module;
mod panels;
mod prometheus;
mod protocols;
mod red;
mod redaction;
mod rules;
mod runbooks;
mod runner;
mod running;
mod schema;
mod screenshots;
mod search_lag;
mod service_metrics;
mod set;
mod shown;
mod tempo;
mod traffic;
mod wait;
mod whole;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The services' log records go to Loki, and nowhere else: what a test prints is to be seen.
    let log = telemetry::logs::subscriber("tests", "info", std::io::sink).expect("a filter that can be read");
    tracing::subscriber::set_global_default(log).expect("nobody has set one");
    let tests = runner::tests![
        whole::every_trace_is_whole_in_the_observatory[Collector, Prometheus],
        whole::every_trace_is_whole_in_tempo[Collector, Prometheus, Tempo],
        edges::the_collectors_graph_has_exactly_the_seven_edges[Collector, Prometheus],
        edges::tempos_graph_has_exactly_the_seven_edges[Collector, Prometheus, Tempo],
        red::every_request_and_every_error_is_counted[Collector, Prometheus],
        red::all_errors_are_stored_and_a_share_of_the_rest[Collector, Prometheus],
        service_metrics::every_metric_of_a_service_is_in_prometheus_by_the_same_name[Collector, Prometheus],
        rules::every_rule_is_about_metrics_that_exist[Collector, Prometheus],
        before_failures::panels_alerts_and_counters_have_data[Collector, Prometheus],
        before_failures::left_sides_are_what_is_compared[],
        alerts::each_fires_by_its_fault_and_resolves_after_it[Collector, Prometheus],
        runbooks::every_query_of_a_page_can_be_asked[Collector, Prometheus],
        doctors::nothing_is_found_where_all_is_well[Collector, Prometheus],
        doctors::a_collector_that_is_down_is_named[Collector],
        doctors::a_wrong_endpoint_is_named[Collector],
        doctors::a_store_that_refuses_is_named[Collector],
        doctors::a_generator_that_is_off_is_named[Collector, Prometheus, Tempo],
        doctors::exemplars_that_are_off_are_named[Collector, Prometheus],
        doctors::a_clock_that_is_wrong_is_named[Collector],
        doctors::a_sampler_at_zero_is_named[Collector],
        doctors::a_chain_that_ends_too_early_is_named[Collector],
        schema::the_types_are_those_of_the_grafana_that_is_run[],
        schema::every_dashboard_is_one_by_grafanas_published_types[],
        schema::a_mistake_in_a_dashboard_is_found[],
        exercises::every_fault_is_found_by_the_queries_of_its_exercise_and_only_while_it_is_on[Collector, Prometheus, Tempo],
        exemplars::every_exemplar_opens_where_everything_is_kept[Collector, Prometheus],
        exemplars::every_exemplar_opens_where_a_tenth_is_kept[Collector, Prometheus],
        panels::every_query_of_metrics_returns_data[Collector, Prometheus],
        panels::every_query_of_traces_returns_data[Collector, Prometheus, Tempo],
        panels::every_query_of_logs_returns_data[Collector, Prometheus, Loki],
        annotations::every_dashboard_marks_each_beginning_of_a_service[Collector, Prometheus],
        links::every_link_names_what_there_is[],
        links::every_link_from_a_series_finds_its_traces[Collector, Prometheus, Tempo],
        log_records::every_failed_request_has_its_records_in_loki[Collector, Prometheus, Loki],
        log_records::every_record_opens_its_trace[Collector, Prometheus, Loki],
        screenshots::the_page_shows_the_traces_of_a_chain[],
        search_lag::without_sampling[Collector, Tempo],
        search_lag::with_sampling[Collector, Tempo],
        collector_away::requests_are_answered_and_every_span_is_accounted_for[Collector],
        backend_away::nothing_is_lost_while_the_observatory_is_away[Collector],
        backend_away::nothing_is_lost_while_tempo_is_away[Collector, Tempo],
        backend_away::nothing_that_is_kept_is_lost_by_a_restart_with_sampling[Collector],
        nginx_module::its_traces_are_whole_and_its_edges_are_the_same_seven[Collector, Prometheus],
        further_store::jaeger_gets_the_traces_that_are_stored_and_no_others[Collector],
        redaction::credentials_and_addresses_go_no_further_than_the_collector[Collector],
        protocols::every_signal_is_taken_over_both_protocols_however_it_is_compressed[Collector],
        full_disk::the_collector_says_it_counts_it_and_lives_on[Collector],
        configurations::the_collector_takes_every_combination_of_its_files[Collector],
        configurations::the_collector_starts_without_a_warning[Collector],
        configurations::promtool_takes_prometheus_configuration[Promtool],
        configurations::promtool_takes_every_file_of_rules[Promtool],
        configurations::every_alert_fires_when_it_should_and_only_then[Promtool],
    ];
    runner::run(tests, world::end)
}
