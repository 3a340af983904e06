"""Tables of numbers as programs, watches and people write them: the recording, its rate and its unit are found.

Each kind of file stands with neighbours of its own: the same thing said in other words, units, marks and places.
"""

from __future__ import annotations

import datetime
import io

import numpy as np
import pandas
import pytest

from dynviz.media import MediaError
from dynviz.media.numbers import read_column
from dynviz.media.series import read_series
from dynviz.media.signal import ECG
from dynviz.media.synthetic import synthetic_ecg
from dynviz.media.times import seconds

VALUES = np.round(synthetic_ecg("ventricular").samples.astype(float), 3)
COUNT = range(len(VALUES))
START = datetime.datetime(2024, 3, 5, 10, 59, 55, tzinfo=datetime.UTC)


def text(values=VALUES, form="{:.3f}"):
    return [form.format(value) for value in values]


def comma(values=VALUES):
    return [cell.replace(".", ",") for cell in text(values)]


def table(separator, header, *columns):
    return "\n".join([header, *(separator.join(map(str, row)) for row in zip(*columns, strict=True))]).strip().encode()


def lines(*above, cells=None):
    return "\n".join([*above, *(text() if cells is None else cells)]).encode()


def times(rate, scale=1.0, form="{:.6f}", start=0.0):
    return [form.format((start + i / rate) * scale) for i in COUNT]


def dates(rate, form):
    return [(START + datetime.timedelta(seconds=i / rate)).strftime(form) for i in COUNT]


def written(**options):
    """As pandas writes it."""
    file = io.StringIO()
    pandas.DataFrame(options.pop("data", VALUES)).to_csv(file, **options)
    return file.getvalue().encode()


def quoted(cells):
    return [f'"{cell}"' for cell in cells]


SECONDS = times(125)
REMARKS = ["V" if i % 100 == 0 else "" for i in COUNT]
OTHER = text(VALUES[::-1])
ONES = ["1"] * len(VALUES)
PLAIN = {
    "one column": lines(),
    "a header": lines("ecg (mV)"),
    "a header with a number": lines("ecg1"),
    "one line": ",".join(text()).encode(),
    "one line of spaces": " ".join(text()).encode(),
    "Windows": b"\xff\xfe" + "ecg\r\n".encode("utf-16-le") + ("\r\n".join(text()) + "\r\n\r\n").encode("utf-16-le"),
    "old Macintosh": "\r".join(["ecg", *text()]).encode(),
    "decimal commas": lines("ecg", cells=comma()),
    "decimal commas without a header": lines(cells=comma()),
    "decimal commas, some whole": lines("ecg", cells=[f"{value:g}".replace(".", ",") for value in np.round(VALUES, 3)]),
    "semicolons": table(";", "time;V5;MLII", comma(np.arange(1250) / 125), comma(VALUES[::-1]), comma()),
    "quoted decimal commas": table(",", "time,ecg", quoted(comma(np.arange(1250) / 125)), quoted(comma())),
    "quoted numbers": table(",", '"n","ecg"', quoted(COUNT), quoted(text())),
    "an index": table(",", ",value", COUNT, text()),
    "an index from 1": table(",", "#,value", range(1, 1251), text()),
    "no header": table(",", "", COUNT, text()),
    "tabs": table("\t", "t\tII\tlabel", SECONDS, text(), ONES),
    "bars": table("|", "t|II|label", SECONDS, text(), ONES),
    "spaces": table("   ", "# made by hand\n   time   ecg", SECONDS, text()),
    "spaces behind commas": table(", ", "time, ecg", SECONDS, text()),
    "an end of line separator": table(";", "ecg;", [cell + ";" for cell in text()]),
    "PhysioNet": table(
        ",",
        "'Elapsed time','V5','MLII'\n'hh:mm:ss.mmm','mV','mV'",
        [f"'0:{i / 125:06.3f}'" for i in COUNT],
        OTHER,
        text(),
    ),
    "pandas": written(),
    "pandas without an index": written(index=False),
    "pandas, two columns": written(data=np.stack([VALUES, VALUES[::-1]], axis=1)),
    "pandas, an index with a name": written(index_label="sample"),
    "pandas with tabs": written(sep="\t"),
    "pandas, decimal commas": written(sep=";", decimal=","),
    "columns numbered from 1": table(",", "1,2", text(), OTHER),
    "exponents": lines(cells=text(form="{:.6e}")),
    "a sign that is no hyphen": lines("ecg", cells=[cell.replace("-", "−") for cell in text()]),
    "units behind the numbers": table(",", "time,ecg", times(125, form="{:.6f} s"), text(form="{:.3f} mV")),
    "comments with numbers": lines("# subject 7, 1 of 3", "# version 2.0", "ecg"),
    "comments among the numbers": lines("% made by hand", cells=[*text()[:600], "% page 2", "", *text()[600:]]),
    "a footer": lines("ecg", cells=[*text(), "", "End of file"]),
    "a line of totals": table(",", "time,ecg", SECONDS, text()) + b"\nmean,0.05\n",
    "remarks in few rows": table(",", "sample,MLII,annotation", COUNT, text(), REMARKS),
    "remarks without a separator": table(",", "n,ecg,remark", COUNT, text(), REMARKS).replace(b",\n", b"\n"),
    "remarks in words": table(",", "n,ecg,rhythm", COUNT, text(), ["normal"] * 1250),
    "empty columns": table(",", "ecg,,,", text(), [""] * 1250, [""] * 1250, [""] * 1250),
    "a packet number": table("\t", "", [i % 16 for i in COUNT], [0] * 1250, [0] * 1250, text(), [""] * 1250),
    "a packet number of 256": table(",", "seq,a,b", [(i + 77) % 256 for i in COUNT], text(), [0] * 1250),
    "a switch": table(",", "", [int(i % 200 < 100) for i in COUNT], text()),
    "a heart rate beside it": table(",", "time,hr,ecg", SECONDS, text(70 + VALUES), text()),
    "a class beside it": table(",", "label,value", ["2"] * 1250, text()),
    "lead II of twelve": table(
        ",",
        ",".join(f"lead_{name}" for name in ("I", "II", "III", "aVR", "aVL", "aVF", *(f"V{i}" for i in range(1, 7)))),
        *(OTHER if i != 1 else text() for i in range(12)),
    ),
}  # fmt: skip
NAMES = (
    "I,II*,III", "Lead I,Lead II*,V1", "ECG I,ECG II*", "ch1,MLII*", "v5,MLII (mV)*", "ECG_I,ECG_II*",
    "lead-i,lead-ii*",
    "x,ecg*,z", "acc_x,ecg*,acc_z", "ppg,ECG [mV]*", "I (mV),II (mV)*", "V5,lead.II*,AVR", "value*,hr", "V1,I*,signal",
)  # fmt: skip
for names in NAMES:
    cells = (text() if "*" in name else OTHER for name in names.split(","))
    PLAIN[f"names {names}"] = table(",", names.replace("*", ""), *cells)


@pytest.mark.parametrize("name", PLAIN)
def test_the_recording_is_found(name):
    series = read_series(PLAIN[name], ECG)
    np.testing.assert_allclose(series.samples, VALUES, atol=1e-6)
    assert series.form == ECG and series.seconds == 10


MOMENT = datetime.timedelta(milliseconds=1)
WHEN = dates(250, "%H:%M:%S.%f %d/%m/%Y")
TIMED = {
    "seconds": (250, "time", times(250)),
    "seconds to the millisecond at 360 Hz": (360, "time", times(360, form="{:.3f}")),
    "seconds that begin late": (250, "Time (s)", times(250, start=1800)),
    "seconds, decimal commas": (250, "zeit", [cell.replace(".", ",") for cell in times(250)]),
    "milliseconds": (250, "time_ms", times(250, 1e3, "{:.0f}")),
    "milliseconds without their unit": (250, "time", times(250, 1e3, "{:.0f}")),
    "milliseconds at 360 Hz": (360, "t [ms]", times(360, 1e3, "{:.0f}")),
    "milliseconds, no names": (500, "", times(500, 1e3, "{:.0f}")),
    "microseconds": (256, "Timestamp (us)", times(256, 1e6, "{:.0f}")),
    "microseconds, the sign": (256, "t/µs", times(256, 1e6, "{:.0f}")),
    "nanoseconds": (500, "time_ns", times(500, 1e9, "{:.0f}")),
    "epoch in seconds": (250, "timestamp", times(250, 1, "{:.3f}", 1709633472)),
    "epoch in milliseconds": (250, "timestamp", times(250, 1e3, "{:.0f}", 1709633472)),
    "epoch in microseconds": (250, "unix_time", times(250, 1e6, "{:.0f}", 1709633472)),
    "epoch in nanoseconds": (250, "time", [str(1709633472_000_000_000 + i * 4_000_000) for i in COUNT]),
    "a clock": (250, "time", dates(250, "%H:%M:%S.%f")),
    "a clock of an afternoon": (250, "time", dates(250, "%I:%M:%S.%f %p")),
    "a clock with colons": (250, "hh:mm:ss:mmm", [cell[:8] + ":" + cell[9:12] for cell in dates(250, "%H:%M:%S.%f")]),
    "minutes and seconds over the hour": (250, "Elapsed time", dates(250, "%M:%S.%f")),
    "a clock of whole seconds": (125, "time", dates(125, "%H:%M:%S")),
    "ISO dates": (250, "timestamp", dates(250, "%Y-%m-%d %H:%M:%S.%f")),
    "ISO dates with T and Z": (250, "date", dates(250, "%Y-%m-%dT%H:%M:%S.%fZ")),
    "ISO dates as Python prints them": (250, "time", [(START + MOMENT * 4 * i).isoformat() for i in COUNT]),
    "German dates": (250, "Datum", dates(250, "%d.%m.%Y %H:%M:%S.%f")),
    "American dates": (250, "Date", dates(250, "%m/%d/%Y %I:%M:%S.%f %p")),
    "PhysioNet's absolute times": (250, "Time and date", [f"[{cell[:12]}{cell[15:]}]" for cell in WHEN]),
    "packets of ten with one time": (250, "time", [f"{i // 10 * 10 / 250:.3f}" for i in COUNT]),
    "a date and a clock": (250, "date;time", [cell.replace(" ", ";") for cell in dates(250, "%Y-%m-%d %H:%M:%S.%f")]),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMED)
def test_the_rate_is_that_of_the_times(name):
    rate, header, cells = TIMED[name]
    column = read_column(table(";", f"{header};ecg" if header else "", cells, text()))
    assert column.rate_hz == pytest.approx(rate, rel=1e-4)
    assert column.values.tolist() == VALUES.tolist()
    assert f"say {rate} samples a second" in column.notes[0] and len(column.notes) == 1


def test_a_unit_that_was_guessed_is_told():
    assert "taken as ms" in read_column(table(",", "time,ecg", times(250, 1e3, "{:.0f}"), text())).notes[0]
    assert "taken as" not in read_column(table(",", "time_ms,ecg", times(250, 1e3, "{:.0f}"), text())).notes[0]


@pytest.mark.parametrize("header", ["n", "sample", "", "index", "Sample #", "frame", "time"])
def test_numbers_of_samples_say_no_rate(header):
    column = read_column(table(",", f"{header},ecg", COUNT, text()))
    assert column.rate_hz is None and column.values.tolist() == VALUES.tolist()


def test_a_gap_in_the_times_is_told_and_changes_no_rate():
    at = np.arange(1250) / 125
    one, two = at + 5 * (at > 4), at + 5 * (at > 4) + 0.5 * (at > 7)
    for stamps, said in ((one, "There is a gap in its times, 5.01 s"), (two, "There are 2 gaps in its times, 5.52 s")):
        column = read_column(table(",", "time,ecg", text(stamps), text()))
        assert column.rate_hz == 125 and said in column.notes[1]
    jitter = np.sort(at + np.random.default_rng(0).normal(0, 0.0015, 1250))
    column = read_column(table(",", "time,ecg", text(jitter, "{:.5f}"), text()))
    assert column.rate_hz == pytest.approx(125, rel=2e-3) and len(column.notes) == 1


HEADERS = {
    250: (
        ["Sampling Rate,250"], ["Sampling rate: 250 Hz", "Unit: mV"], ["# fs = 250"], ["Fs;250"], ["sample_rate=250.0"],
        ["Abtastrate: 250 Hz"], ["Fréquence d'échantillonnage : 250 Hz"], ["Frecuencia de muestreo 250 Hz"],
        ["sampling interval: 4 ms"], ["dt = 0.004 s"], ["ECG lead II, 250 Hz"], ["SampleRate 0.25 kHz"],
        ["250 samples/s"], ["Filter: 0.5-40 Hz", "Sampling frequency (Hz): 250"], ["Heart rate,72", "Sample Rate,250"],
        ["Notch,50 Hz", "Rate,250 Hz", "", "ecg"], ["ecg (250 Hz)"],
        ["Name,A. B.", 'Device,"Watch6,1"', "Frequency,250"],
    ),
    512: (
        ["Name,Test Person", 'Date of Birth,"Jan 1, 1990"', "Symptoms,", "Software Version,2.0",
         "Sample Rate,512 hertz", "", "Lead,Lead I", "Unit,mV", ""],
    ),
    1000: (["# OpenSignals Text File Format", '# {"00:07": {"sampling rate": 1000, "resolution": [4, 10]}}', "# End"],),
}  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "head"), [(rate, head) for rate, heads in HEADERS.items() for head in heads], ids=lambda x: str(x)[:40]
)
def test_the_rate_is_that_of_the_header(rate, head):
    column = read_column(lines(*head))
    assert column.rate_hz == rate and column.values.tolist() == VALUES.tolist()
    assert column.notes == (f"Its header says {rate} samples a second.",)


@pytest.mark.parametrize(
    "head", [["Filter: 0.5-40 Hz"], ["Heart rate,72"], ["Notch 50 Hz"], ["Version 2.0", "Age 45"], ["patient 100"]]
)
def test_other_numbers_of_a_header_are_no_rate(head):
    assert read_column(lines(*head)).rate_hz is None


def test_times_count_more_than_a_header_that_contradicts_them():
    column = read_column(b"Sampling rate: 500 Hz\n" + table(",", "time,ecg", SECONDS, text()))
    assert column.rate_hz == 125 and "500, which is not used" in column.notes[1]


@pytest.mark.parametrize(
    ("head", "factor"),
    [("ecg (mV)", 1), ("ecg (µV)", 1000), ("ecg [uV]", 1000), ("ecg_uV", 1000), ("ecg in V", 0.001), ("Unit,µV", 1000),
     ("Units: microvolts", 1000), ("ecg/mV", 1), ("Einheit;µV", 1000), ("Unité : µV", 1000)],
)  # fmt: skip
def test_the_unit_is_that_of_the_name_or_the_header(head, factor):
    series = read_series(lines(head, cells=text(VALUES * factor, "{:.6f}")), ECG)
    np.testing.assert_allclose(series.samples, VALUES, atol=1e-5)
    assert series.notes == ("Taken as 125 samples a second, as the file does not say.",)


def test_a_class_behind_a_line_of_samples_is_no_sample():
    beat = np.round(0.5 + VALUES[:187] / 4, 4)
    for label in ("2", "2.0", "0.000000000000000000e+00", "4"):
        column = read_column((",".join([*text(beat, "{:.4f}"), label])).encode())
        assert column.values.tolist() == beat.tolist() and "as its class" in column.notes[0]
    longer = np.round(0.3 + VALUES / 8, 4)
    assert len(read_column((",".join([*text(longer, "{:.4f}"), "3"])).encode()).values) == len(longer)
    assert len(read_column(",".join(text()).encode()).values) == len(VALUES)


MISSING = ("nan", "NaN", "", "-32768", "-2048", "-999", "-9999", "null", "N/A", "#N/A", "-", "9999", "-8388608")


@pytest.mark.parametrize("mark", MISSING)
def test_missing_samples_are_refused_with_their_row(mark):
    cells = text(np.rint(VALUES * 200) + 30, "{:.0f}")
    cells[600] = cells[603] = mark
    with pytest.raises(MediaError, match="row 601 of the recording"):
        read_series(table(",", "sample,MLII", COUNT, cells), ECG)


@pytest.mark.parametrize("mark", ["#N/A", "#DIV/0!", "#VALUE!", "NaN"])
def test_what_a_spreadsheet_writes_for_no_number_is_no_comment(mark):
    with pytest.raises(MediaError, match="row 601 of the recording"):
        read_column(lines("ecg", cells=[*text()[:600], mark, *text()[601:]]))


def test_a_table_that_lies_on_its_side_is_refused_with_its_width():
    with pytest.raises(MediaError, match=r"has 1,250 columns, .* with a sample in each row"):
        read_column("\n".join([",".join(text()), ",".join(OTHER)]).encode())


def test_a_number_that_only_looks_like_a_missing_one_is_a_sample():
    clipped = np.clip(np.rint(VALUES * 40_000), -32768, 32767)
    assert len(read_column(lines(cells=text(clipped, "{:.0f}"))).values) == len(VALUES)
    small = np.clip(np.rint(VALUES * 150), -128, 127)
    assert len(read_column(lines(cells=text(small, "{:.0f}"))).values) == len(VALUES)


def test_what_stands_behind_the_table_is_told():
    assert "The last 2 lines of the file are" in read_column(lines(cells=[*text(), "The end", "of it"])).notes[0]


def test_columns_are_counted_without_those_that_cannot_be_meant():
    assert read_column(PLAIN["lead II of twelve"]).notes[0] == "Of 12 columns, 'lead_II' is read."
    assert read_column(PLAIN["a packet number"]).notes == ()
    assert read_column(PLAIN["pandas, two columns"]).notes == ("Of 2 columns, the first is read.",)


def test_a_year_that_no_clock_has_is_read():
    """Of a damaged file: nanoseconds do not reach back as far."""
    times, timed = seconds(["2024-03-05 10:11:00", "\t024-03-05 10:11:01", "2024-03-05 10:11:02"], ".")
    assert timed and not times[1] > times[0]
