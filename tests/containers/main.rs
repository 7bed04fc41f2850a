//! docker-compose.yaml read by other people's programs, and on a real engine.
//!
//! What needs an engine is run by `cargo stack test --compose` and skipped by name anywhere else.
//!
//! Images come from the registry where they can be pulled; otherwise tests/compose/stand-ins builds some under the same tags.
//! They run one after the other, in this order, on one stack that is taken down at the end.

#[path = "../chain/outlines.rs"]
mod outlines;
// What the backends are asked with; not all of it is needed here.
#[allow(dead_code)]
#[path = "../backends/prometheus.rs"]
mod prometheus;
#[allow(dead_code)]
#[path = "../backends/runner.rs"]
mod runner;
#[allow(dead_code)]
#[path = "../backends/tempo.rs"]
mod tempo;
#[path = "../backends/wait.rs"]
mod wait;

mod checkers;
mod confinement;
mod containers;
mod docker;
mod engine;
mod images;
mod memory;
mod restarts;
mod settings;
mod stack;
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
        confinement::no_container_has_rights_that_it_does_not_need[],
        confinement::every_limit_of_memory_is_the_kernel_s_too[],
        settings::a_wrong_setting_ends_its_container_with_the_variable_s_name_in_one_line[],
        settings::a_setting_that_is_missing_is_named_too[],
        memory::at_two_hundred_requests_a_second_all_but_grafana_take_at_most_1_2_gib[],
        restarts::after_the_restart_of_any_container_the_chain_is_whole_again[],
    ];
    runner::run(tests, stack::end)
}
