//! docker-compose.yaml read by other people's programs, and on a real engine.
//!
//! What needs an engine is run by `cargo stack test --compose` and skipped by name anywhere else.
//!
//! Images come from the registry where they can be pulled; otherwise tests/compose/stand-ins builds some under the same tags.
//! They run one after the other, in this order, on one stack as .env has it, then on one with other choices.

#[path = "../chain/outlines.rs"]
mod outlines;
// What the backends are asked with and held against, as where they run natively; not all of it is needed here.
#[path = "../backends/collector_metrics.rs"]
mod collector_metrics;
#[path = "../backends/counted.rs"]
mod counted;
#[allow(dead_code)]
#[path = "../backends/dashboards.rs"]
mod dashboards;
#[allow(dead_code)]
#[path = "../backends/graph.rs"]
mod graph;
#[allow(dead_code)]
#[path = "../backends/ledger.rs"]
mod ledger;
#[allow(dead_code)]
#[path = "../backends/loki.rs"]
mod loki;
#[allow(dead_code)]
#[path = "../backends/prometheus.rs"]
mod prometheus;
#[allow(dead_code)]
#[path = "../backends/runner.rs"]
mod runner;
#[allow(dead_code)]
#[path = "../backends/shown.rs"]
mod shown;
#[allow(dead_code)]
#[path = "../backends/tempo.rs"]
mod tempo;
#[allow(dead_code)]
#[path = "../backends/traffic.rs"]
mod traffic;
#[path = "../backends/wait.rs"]
mod wait;

mod account;
mod checkers;
mod choice;
mod confinement;
mod containers;
mod docker;
mod engine;
mod images;
mod load;
mod memory;
mod panels;
mod probing;
mod restarts;
mod sampled;
mod settings;
mod stack;
mod tempo_killed;
mod traces;
mod up;

use std::process::ExitCode;

fn main() -> ExitCode {
    let tests = runner::tests![
        checkers::docker_compose_reads_the_file[],
        checkers::docker_compose_reads_it_with_stand_ins[],
        checkers::the_file_fits_the_compose_specification[],
        checkers::hadolint_finds_nothing_in_the_dockerfile[],
        up::every_container_comes_up_and_is_healthy[],
        traces::every_trace_is_whole_in_tempo[],
        traces::the_graph_has_exactly_the_seven_edges[],
        traces::every_exemplar_opens_in_tempo[],
        panels::every_query_of_metrics_and_of_traces_returns_data[],
        confinement::no_container_has_rights_that_it_does_not_need[],
        confinement::every_limit_of_memory_is_the_kernel_s_too[],
        settings::a_wrong_setting_ends_its_container_with_the_variable_s_name_in_one_line[],
        settings::a_setting_that_is_missing_is_named_too[],
        memory::at_two_hundred_requests_a_second_all_but_grafana_take_at_most_1_2_gib[],
        tempo_killed::nothing_is_lost_while_it_is_away[],
        restarts::whatever_is_restarted_every_request_that_was_answered_has_its_trace[],
        sampled::every_request_every_error_and_every_edge_is_counted[],
        sampled::all_errors_are_stored_and_a_share_of_the_rest[],
        sampled::every_exemplar_opens_in_tempo[],
        sampled::every_query_of_the_dashboards_returns_data[],
        sampled::every_query_of_logs_returns_data[],
    ];
    runner::run(tests, stack::end)
}
