//! Workbooks taken apart and put together again, so that they can be damaged inside.

use std::io::Read;

use flate2::{Crc, read::DeflateDecoder};

/// Name and content of the parts of a small workbook, when it is one.
pub(crate) fn unpacked(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let number = |at: usize, size: usize| {
        bytes.get(at..at + size).map(|part| part.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte)))
    };
    let mut parts = Vec::new();
    let mut at = 0;
    while bytes.get(at..at + 4) == Some(b"PK\x03\x04") {
        let (method, size) = (number(at + 8, 2)?, number(at + 18, 4)?);
        let (name, extra) = (number(at + 26, 2)?, number(at + 28, 2)?);
        let body = at + 30 + name + extra;
        let packed = bytes.get(body..body + size)?;
        let mut part = Vec::new();
        match method {
            0 => part.extend(packed),
            _ => drop(DeflateDecoder::new(packed).read_to_end(&mut part).ok()?),
        }
        parts.push((String::from_utf8(bytes.get(at + 30..at + 30 + name)?.to_vec()).ok()?, part));
        at = body + size;
    }
    (!parts.is_empty()).then_some(parts)
}

/// A workbook of parts, not compressed.
pub(crate) fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        let mut crc = Crc::new();
        crc.update(part);
        let size = (part.len() as u32).to_le_bytes();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend([size, size].concat());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.bytes());
        out.extend(part);
    }
    let count = (parts.len() as u16).to_le_bytes();
    let (begin, length) = ((out.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    out.extend(directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(length);
    out.extend(begin);
    out.extend([0, 0]);
    out
}
