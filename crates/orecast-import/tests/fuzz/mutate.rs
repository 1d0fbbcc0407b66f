//! How files are damaged.

use super::xlsx;

/// Cells that trip careless readers.
const EXTREMES: &[&str] = &[
    "",
    "-1",
    "-0",
    "0",
    "1e308",
    "-1e308",
    "1e-320",
    "1e999",
    "NaN",
    "inf",
    "-inf",
    "99999999999999999999999",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "0x10",
    "1_000",
    "+7",
    "1,2,3",
    "NA",
    "W",
    "XX",
    "s",
    "E",
    "—",
    "–",
    ">",
    "<",
    ">-5",
    "<1e999",
    "5–",
    "–5",
    "5–1",
    "2021–24",
    "2147483647–99",
    "2024M13",
    "0000M00",
    "31/12/9999",
    "\"",
    "\"\"",
    "'",
    ";",
    "\u{0}",
    "\u{feff}",
    "é",
    "中",
    "\u{1f600}",
    "World total",
    "Other",
    "WLD",
    "ROW",
    "CHN",
    "KAZ",
    "XXX",
    "true",
    "nan",
    "1e",
    "e1",
    "[",
    "{",
    "}",
    "]",
    "\\",
    "\\u0000",
    "..",
    "…",
    "null",
    "1979-05-27T07:32:00Z",
    "99999-99-99",
    "=1+1",
    "a.b.c",
    "%",
    "$/mt",
];

/// Random numbers (`splitmix64`) that depend on seed, target and number of the input only.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, target: &str, number: u64) -> Self {
        let name =
            target.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        Self(name ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is above zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// One to six changes of a sound file; parts may come from a donor.
pub(crate) fn damaged(sound: &[u8], donor: &[u8], random: &mut Random) -> Vec<u8> {
    if let Some(mut parts) = xlsx::unpacked(sound).filter(|_| random.below(8) > 0) {
        // A workbook is damaged inside, as its checksums would catch the rest.
        let part = random.below(parts.len());
        for _ in 0..=random.below(3) {
            parts[part].1 = once(&parts[part].1, b"<c r=\"XFD1048576\"><v>1</v></c>", random);
        }
        return xlsx::packed(&parts);
    }
    let mut bytes = sound.to_vec();
    for _ in 0..=random.below(6) {
        bytes = once(&bytes, donor, random);
    }
    bytes
}

fn once(bytes: &[u8], donor: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if out.is_empty() {
        return donor.to_vec();
    }
    let at = random.below(out.len());
    let to = at + random.below((out.len() - at).min(200)) + 1;
    match random.below(14) {
        0 => out[at] ^= 1 << random.below(8),
        1 => out[at] = random.next() as u8,
        2 => out.truncate(at),
        3 => drop(out.drain(at..to)),
        4 => {
            let part = out[at..to].to_vec();
            let times = 1 + random.below(50);
            out.splice(at..at, part.repeat(times));
        }
        5 => {
            let from = random.below(donor.len().max(1));
            let part = &donor[from.min(donor.len())..(from + random.below(300)).min(donor.len())];
            out.splice(at..to, part.iter().copied());
        }
        6 => {
            let sign = *random.pick::<[u8; 1]>(&[
                b",", b"\"", b"\n", b"\r", b";", b"\t", b"\0", b"[", b"\xff", b"\xef", b"'", b"=",
            ]);
            out.splice(at..at, sign.iter().copied().cycle().take(1 + random.below(2) * random.below(5000)));
        }
        7..=8 => return with_token(&out, random),
        9 => {
            let filler = random.pick(&["9", "x", "1,", "[", "{\"a\":", "é", " "]);
            out.splice(at..at, filler.repeat(1 + random.below(3000)).bytes());
        }
        _ => return with_lines(&out, random),
    }
    out
}

/// A number or word replaced by an extreme one.
fn with_token(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let in_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-' || byte >= 0x80;
    let at = random.below(bytes.len());
    let Some(start) = (at..bytes.len()).find(|&place| in_token(bytes[place])) else { return bytes.to_vec() };
    let start = (0..=start).rev().take_while(|&place| in_token(bytes[place])).last().unwrap_or(start);
    let end = (start..bytes.len()).find(|&place| !in_token(bytes[place])).unwrap_or(bytes.len());
    let word = random.pick(EXTREMES);
    [&bytes[..start], word.as_bytes(), &bytes[end..]].concat()
}

/// Rows and cells dropped, doubled, swapped or replaced.
fn with_lines(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    let mut cells: Vec<Vec<u8>> = lines[one].split(|&byte| byte == b',').map(<[u8]>::to_vec).collect();
    let (left, right) = (random.below(cells.len()), random.below(cells.len()));
    match random.below(9) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one].clone()),
        2 => lines.swap(one, other),
        3 => lines.truncate(one),
        4 => cells.swap(left, right),
        5 => drop(cells.remove(left)),
        6 => cells.insert(left, cells[right].clone()),
        7 => cells.truncate(left),
        _ => cells[left] = random.pick(EXTREMES).as_bytes().to_vec(),
    }
    if let Some(line) = lines.get_mut(one).filter(|_| cells.len() > 1) {
        *line = cells.join(&b',');
    }
    lines.join(&b'\n')
}
