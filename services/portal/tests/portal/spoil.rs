//! Ways to spoil an application.

use serde_json::{Value, json};

/// One value that is put in place of another, or away.
pub(crate) struct Change {
    pub(crate) pointer: String,
    pub(crate) value: Option<Value>,
}

impl Change {
    pub(crate) fn apply(&self, application: &mut Value) {
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        match (application.pointer_mut(parent).unwrap(), &self.value) {
            (Value::Object(fields), Some(value)) => {
                fields.insert(name.to_owned(), value.clone());
            }
            (Value::Object(fields), None) => {
                fields.remove(name);
            }
            (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value.clone(),
            (Value::Array(items), None) => {
                items.remove(name.parse().unwrap());
            }
            (other, _) => panic!("{other} has no parts"),
        }
    }
}

/// Returns the changes of an example: each value once in every way that fits its place. A form that
/// is not looked at thoroughly gets a few of them.
pub(crate) fn changes(example: &Value, schema: &Value, thorough: bool) -> Vec<Change> {
    let mut spoiler = Spoiler {
        changes: Vec::new(),
        thorough,
    };
    if thorough {
        spoiler.applicant(example);
    }
    spoiler.field("/answers", &example["answers"], schema);
    spoiler.changes
}

struct Spoiler {
    changes: Vec<Change>,
    thorough: bool,
}

impl Spoiler {
    fn put(&mut self, pointer: &str, value: Value) {
        self.changes.push(Change {
            pointer: pointer.to_owned(),
            value: Some(value),
        });
    }

    fn take(&mut self, pointer: &str) {
        self.changes.push(Change {
            pointer: pointer.to_owned(),
            value: None,
        });
    }

    fn applicant(&mut self, example: &Value) {
        for (field, format) in APPLICANT {
            let pointer = format!("/applicant/{field}");
            if example.pointer(&pointer).is_some() {
                self.take(&pointer);
            }
            self.texts(&pointer, format);
        }
    }

    /// Puts texts that are good and bad for a format.
    fn texts(&mut self, pointer: &str, format: &str) {
        let most = if self.thorough { usize::MAX } else { 4 };
        for text in of_format(format).iter().take(most).chain(&STRANGE) {
            self.put(pointer, json!(text));
        }
    }

    fn field(&mut self, pointer: &str, value: &Value, schema: &Value) {
        if pointer != "/answers" {
            let others = [
                json!(1),
                Value::Null,
                json!(true),
                json!("x"),
                json!([]),
                json!({}),
            ];
            let most = if self.thorough { others.len() } else { 2 };
            others
                .into_iter()
                .take(most)
                .for_each(|other| self.put(pointer, other));
            if !value.is_null() {
                self.take(pointer);
            }
        }
        match schema["type"].as_str() {
            Some("object") => self.object(pointer, value, schema),
            Some("array") => self.array(pointer, value, schema),
            Some("string") => {
                self.texts(pointer, schema["format"].as_str().unwrap_or_default());
                let options = schema["enum"].as_array().into_iter().flatten();
                options.for_each(|option| self.put(pointer, option.clone()));
            }
            Some("number" | "integer") => NUMBERS
                .into_iter()
                .for_each(|number| self.put(pointer, json!(number))),
            _ => self.put(pointer, json!(false)),
        }
    }

    fn object(&mut self, pointer: &str, value: &Value, schema: &Value) {
        for stray in ["stray", "constructor"] {
            self.put(&format!("{pointer}/{stray}"), json!(1));
        }
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            self.field(&format!("{pointer}/{name}"), &value[name], of);
        }
    }

    fn array(&mut self, pointer: &str, value: &Value, schema: &Value) {
        let Some(first) = value.get(0) else { return };
        for times in [2, 6, 7, 8, 9, 13, 16] {
            self.put(pointer, json!(vec![first.clone(); times]));
        }
        self.field(&format!("{pointer}/0"), first, &schema["items"]);
    }
}

const APPLICANT: [(&str, &str); 7] = [
    ("tax_code", "tax-code"),
    ("given_name", "given-name"),
    ("family_name", "family-name"),
    ("birth_date", "date"),
    ("email", "email"),
    ("phone", "phone"),
    ("iban", "iban"),
];

const NUMBERS: [f64; 22] = [
    -1.0,
    -0.01,
    0.0,
    0.001,
    0.01,
    0.29,
    0.5,
    0.57,
    1.0,
    1.5,
    6.0,
    7.0,
    14.0,
    15.5,
    50.0,
    366.0,
    599.99,
    1000.005,
    1000.01,
    20_000.01,
    1_070_468.14,
    1e9,
];

/// Texts that no field expects.
const STRANGE: [&str; 4] = ["", " \u{200b}", "\u{1f600}", "Ünï\u{308}\u{202e}"];

/// Returns texts that are good and bad for a format.
fn of_format(format: &str) -> &'static [&'static str] {
    match format {
        "tax-code" => &TAX_CODES,
        "vat-number" => &VAT_NUMBERS,
        "iban" => &IBANS,
        "email" => &EMAILS,
        "phone" => &PHONES,
        "given-name" | "family-name" => &NAMES,
        "date" => &DATES,
        _ => &PLAIN,
    }
}

const PLAIN: [&str; 7] = [
    "AB12345",
    "ab12345",
    "ABCD",
    "AB123\n",
    "xxxxxxx",
    "Nicolo\u{300}",
    "1234567890123456789012345",
];

const TAX_CODES: [&str; 23] = [
    "rss mra 80a01 h501u",
    "RSSMRA80A01H501U",
    "RSSMRA80A01H501X",
    "RSSMRA80A01H50",
    "RSSMRA80A0\u{200b}1H501U",
    "RSSMRA8LA01H501K",
    "RSSMRAUNALMHRLMB",
    "BNCNNA85S43H501O",
    "VRDGLI14H52H501Z",
    "RSSMRA80A32H501U",
    "RSSMRA00B29H501X",
    "RSSMRA01B29H501X",
    "RSSMRA80F01H501U",
    "RSSMRA80A01N501U",
    "ABCMRA80A01H501U",
    "RSSABC80A01H501U",
    "NGXXXX80A01Z251V",
    "RSSMRAX0A01H501U",
    "RSSMRA80A01H501\u{dc}",
    "12345678903",
    "1234567890a",
    "00000000000",
    "RSSMRA80A71H501A",
];

const VAT_NUMBERS: [&str; 14] = [
    "12345670157",
    "IT12345670157",
    "it 1234 5670 157",
    "12345670158",
    "1234567015",
    "123456701577",
    "123456x0157",
    "00000000157",
    "12345671307",
    "00000010215",
    "12345670\u{2010}57",
    "IT1234567015",
    "ITIT5670157",
    "１2345670157",
];

const IBANS: [&str; 24] = [
    "IT60X0542811101000000123456",
    "it60 x054 2811 1010 0000 0123 456",
    "IT60 X054\u{a0}2811\u{200b}101000000123456",
    "IT61X0542811101000000123456",
    "IT64Y0542811101000000123456",
    "IT24X05428111010000001234567",
    "XX67123",
    "IT",
    "ITX0X0542811101000000123456",
    "DE44500105175407324931",
    "DE44500105175407324932",
    "FR1420041010050500013M02606",
    "SM88X0542811101000000123456",
    "GB29NWBK60161331926819",
    "TR330006100519786457841326",
    "IT34105428111010000001234X6",
    "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947",
    "IT60-X0542811101000000123456",
    "IT60X0542811101000000123456777777777",
    "BR1800360305000010009795493C1",
    "AD1200012030200359100100",
    "\u{2160}T60X0542811101000000123456",
    "DE00500105175407324931",
];

const EMAILS: [&str; 22] = [
    "anna@example.org",
    " anna.bianchi+inps@posta.example.it ",
    "a@b.it",
    "o'brien!#$%&*/=?^_`{|}~-@example.org",
    "anna",
    "@example.org",
    "anna@",
    "anna@example",
    "a nna@example.org",
    "a@b@example.org",
    "a..b@example.org",
    ".a@example.org",
    "a@-example.org",
    "a@exa_mple.org",
    "a@example.o",
    "a@127.0.0.1",
    "a@[127.0.0.1]",
    "\"a b\"@example.org",
    "a@example.org.",
    "an\u{ad}na@example.org",
    "संपर्क@उदाहरण.भारत",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org",
];

const PHONES: [&str; 19] = [
    "+39 06 1234-5678",
    "+39 (06) 1234.5678",
    "0039/06/12345678",
    "(0471) 12 34 56",
    "333–123—4567",
    "\u{202a}+39\u{a0}333\u{2011}1234567\u{202c}",
    "+49 (0)30 1234567",
    "+1 (202) 555-0100",
    "+43 1 234567",
    "12345",
    "06 abc 12345",
    "1234567890123456",
    "12+345678",
    "++39061234567",
    "+0612345678",
    "06 1234567 int. 5",
    "０６１２３４５６７",
    "00 0612345678",
    "+378 (0549) 123456",
];

const NAMES: [&str; 10] = [
    "Anna",
    " D'Amico ",
    "Ñuñez-Ødegård",
    "李",
    "123",
    "An\nna",
    "An\u{2028}na",
    "\u{202e}Nicolo\u{300}\u{202c} ",
    "-",
    "X\u{7f}",
];

const DATES: [&str; 16] = [
    "2026-01-31",
    "2026-02-29",
    "2024-02-29",
    "1900-02-29",
    "2000-02-29",
    "0000-01-01",
    "2026-1-31",
    "20260131",
    "31/01/2026",
    "2026-01-31T00:00:00Z",
    "2026-13-01",
    "2026-04-31",
    "1899-12-31",
    "2100-01-01",
    "2026-01-3१",
    "2026\u{2010}01-31",
];
