//! Every runtime that a program may have, and none: the last spans arrive whoever ends the pipeline, and where.

use telemetry::Telemetry;
use testkit::Receiver;
use tokio::runtime::{Builder, Runtime};

use crate::pipeline::{PROTOCOLS, pipeline, spans};

/// Spans that wait when the end comes: fewer than a batch.
const PENDING: usize = 5;

/// Holds a program against both protocols: it is to start a pipeline with what it is given, and to end it.
fn all_spans_arrive(program: impl Fn(&dyn Fn() -> Telemetry)) {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        program(&|| pipeline(&receiver.endpoint(), &[("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)]));
        assert_eq!(receiver.spans().len(), PENDING, "{protocol}");
    }
}

fn begun(start: &dyn Fn() -> Telemetry) -> Telemetry {
    let telemetry = start();
    spans(&telemetry, PENDING);
    telemetry
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn one_worker() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

#[test]
fn shutdown_may_block_the_only_thread_of_the_runtime() {
    all_spans_arrive(|start| current_thread().block_on(async { begun(start).shutdown().expect("they arrive") }));
}

#[test]
fn shutdown_may_block_the_main_task_of_an_actix_system() {
    all_spans_arrive(|start| {
        actix_web::rt::System::new().block_on(async { begun(start).shutdown().expect("they arrive") });
    });
}

#[test]
fn shutdown_may_run_on_a_thread_of_an_actix_system() {
    all_spans_arrive(|start| {
        actix_web::rt::System::new().block_on(async {
            let telemetry = begun(start);
            actix_web::web::block(move || telemetry.shutdown()).await.expect("no panic").expect("they arrive");
        });
    });
}

#[test]
fn shutdown_may_block_the_main_task_beside_one_worker() {
    all_spans_arrive(|start| one_worker().block_on(async { begun(start).shutdown().expect("they arrive") }));
}

#[test]
fn shutdown_may_block_the_only_worker_inside_of_a_task() {
    all_spans_arrive(|start| {
        one_worker().block_on(async {
            let telemetry = begun(start);
            tokio::spawn(async move { telemetry.shutdown() }).await.expect("no panic").expect("they arrive");
        });
    });
}

#[test]
fn a_program_without_a_runtime_has_its_spans_delivered() {
    all_spans_arrive(|start| begun(start).shutdown().expect("they arrive"));
}

#[test]
fn shutdown_may_come_when_the_runtime_is_gone() {
    all_spans_arrive(|start| {
        let runtime = one_worker();
        let telemetry = runtime.block_on(async { begun(start) });
        drop(runtime);
        telemetry.shutdown().expect("they arrive");
    });
}

#[test]
fn a_pipeline_that_is_only_dropped_delivers_what_it_has() {
    all_spans_arrive(|start| drop(begun(start)));
    all_spans_arrive(|start| current_thread().block_on(async { drop(begun(start)) }));
    all_spans_arrive(|start| actix_web::rt::System::new().block_on(async { drop(begun(start)) }));
}

#[test]
fn flush_may_block_the_only_thread_of_the_runtime() {
    all_spans_arrive(|start| current_thread().block_on(async { begun(start).flush().expect("they arrive") }));
}

#[test]
fn a_second_shutdown_and_a_late_flush_do_nothing_and_wait_for_nobody() {
    all_spans_arrive(|start| {
        let telemetry = begun(start);
        telemetry.shutdown().expect("they arrive");
        telemetry.shutdown().expect("there is nothing left");
        telemetry.flush().expect("there is nothing left");
    });
}
