//! `ExportTraceServiceResponse`: field 1 is `partial_success`, of which field 1 is `rejected_spans` and field 2 a message.

/// How many spans were rejected, and why. An answer that cannot be read says that all is well, as its status does.
pub(super) fn success(response: &[u8]) -> (u64, String) {
    let Some((_, Content::Bytes(partial))) = fields(response).find(|(number, _)| *number == 1) else {
        return Default::default();
    };
    let mut rejected = 0;
    let mut message = String::new();
    for (number, content) in fields(partial) {
        match (number, content) {
            (1, Content::Varint(spans)) => rejected = spans,
            (2, Content::Bytes(text)) => message = String::from_utf8_lossy(text).into_owned(),
            _ => {}
        }
    }
    (rejected, message)
}

enum Content<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message as far as it can be read.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, Content<'_>)> {
    std::iter::from_fn(move || {
        let tag = varint(&mut rest)?;
        let content = match tag & 7 {
            0 => Content::Varint(varint(&mut rest)?),
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(length)?;
                rest = after;
                Content::Bytes(bytes)
            }
            _ => return None,
        };
        Some((tag >> 3, content))
    })
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::success;

    #[test]
    fn a_partial_success_is_read_and_nothing_breaks_on_garbage() {
        assert_eq!(success(b""), (0, String::new()));
        assert_eq!(success(b"\x0a\x08\x08\xac\x02\x12\x03why"), (300, "why".into()));
        assert_eq!(success(b"\x0a\x00"), (0, String::new()));
        for garbage in [&b"\x0a\x7f"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"{}", b"\x0a\x02\x08"] {
            assert_eq!(success(garbage), (0, String::new()));
        }
    }
}
