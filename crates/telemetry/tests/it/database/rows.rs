//! What comes back from a statement.

use super::service::{NUMBERS, ONE, Working, span};

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_scalars_come_back_one_all_or_none() {
    let service = Working::start(|pool, _| async move {
        assert_eq!(NUMBERS.bind(3).fetch_all::<(i32,)>(&pool).await.expect("rows"), [(1,), (2,), (3,)]);
        assert_eq!(NUMBERS.bind(3).fetch_all_scalars::<i32>(&pool).await.expect("rows"), [1, 2, 3]);
        assert_eq!(NUMBERS.bind(3).fetch_scalar::<i32>(&pool).await.expect("a row"), 1);
        assert_eq!(ONE.bind(1).fetch_optional_scalar::<i32>(&pool).await.expect("a row"), Some(1));
        assert_eq!(ONE.bind(2).fetch_optional_scalar::<i32>(&pool).await.expect("no row"), None);
        assert_eq!(NUMBERS.bind(3).execute(&pool).await.expect("it runs"), 3);
    })
    .await;
    service.trace(&["SELECT numbers"; 6]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_handed_over_one_by_one_until_no_more_are_wanted() {
    let service = Working::start(|pool, _| async move {
        let mut seen = Vec::new();
        let each = NUMBERS.bind(3).fetch_each(&pool, |(number,): (i32,)| {
            seen.push(number);
            Ok(())
        });
        each.await.expect("rows");
        assert_eq!(seen, [1, 2, 3]);
        let enough = |(number,): (i32,)| if number < 2 { Ok(()) } else { Err(sqlx::Error::RowNotFound) };
        let ended = NUMBERS.bind(1_000_000).fetch_each(&pool, enough).await;
        assert!(matches!(ended, Err(sqlx::Error::RowNotFound)), "{ended:?}");
    })
    .await;
    let tree = service.trace(&["SELECT numbers", "SELECT numbers"]).await;
    assert!(!span(&tree, "SELECT numbers").is_error());
}
