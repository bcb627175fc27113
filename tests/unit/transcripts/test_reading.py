"""The quirks of transcripts, each by name."""

import pytest

from decisionlog.transcripts import UnreadableTranscript, parse, timestamp


def turns(text: str) -> list[tuple]:
    return [(turn.speaker, turn.text, turn.start) for turn in parse(text).turns]


def speakers(text: str) -> list[str]:
    return [turn.speaker for turn in parse(text).turns]


def vtt(*cues: str) -> str:
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


# Canonical text


def test_canonical_text_is_a_line_a_turn_with_spans_into_it():
    transcript = parse("0:05  Anna:  The   roof\nis flat.\n0:09 Ben: Yes.")

    assert transcript.text == "[00:00:05] Anna: The roof is flat.\n[00:00:09] Ben: Yes."
    for turn in transcript.turns:
        assert transcript.text[turn.char_start : turn.char_end] == turn.text


def test_canonical_text_has_no_bracket_where_there_is_no_time():
    assert parse("Anna: Flat roof.\nBen: Yes.").text == "Anna: Flat roof.\nBen: Yes."


def test_a_turn_too_long_for_a_prompt_is_cut_at_spaces():
    words = " ".join(f"word{number}" for number in range(5000))

    pieces = parse(f"[00:00:07] Anna: {words}").turns

    assert " ".join(piece.text for piece in pieces) == words
    assert {(piece.speaker, piece.start) for piece in pieces} == {("Anna", 7.0)}
    assert max(len(piece.text) for piece in pieces) <= 10_000


def test_a_word_longer_than_a_turn_is_cut_and_keeps_every_letter():
    pieces = parse("Anna: " + "x" * 25_000).turns

    assert [len(piece.text) for piece in pieces] == [10_000, 10_000, 5_000]


# Times


def test_hours_beyond_ninety_nine_are_kept():
    assert turns("[123:04:05] Anna: Still here.") == [("Anna", "Still here.", 443045.0)]
    assert timestamp(443045.0) == "123:04:05"


def test_a_twelve_hour_clock_counts_from_the_first_turn_and_passes_noon():
    text = (
        "[11:59:50 AM] Anna: Noon is near.\n[12:00:10 PM] Ben: Past it.\n[1:00 p.m.] Anna: Lunch."
    )

    assert [start for _, _, start in turns(text)] == [0.0, 20.0, 3610.0]


def test_a_twelve_hour_clock_passes_midnight():
    text = "11:58 PM Anna: Late.\n12:03 AM Ben: Early."

    assert [start for _, _, start in turns(text)] == [0.0, 300.0]


def test_a_turn_just_before_the_first_one_by_the_clock_starts_with_it():
    text = "[10:02:15 AM] Anna: Hello.\n[10:02:14 AM] Ben: Hi."

    assert [start for _, _, start in turns(text)] == [0.0, 0.0]


def test_the_word_am_after_a_time_is_no_twelve_hour_clock():
    assert turns("10:02 Am I on mute?\n10:05 No.")[0] == ("Unknown", "Am I on mute?", 602.0)


def test_a_bracket_may_hold_start_and_end():
    turn = parse("[00:01 - 00:04] Anna: Short.").turns[0]

    assert (turn.start, turn.end) == (1.0, 4.0)


@pytest.mark.parametrize("time", ["00:75:00", "00:00:99", "00:00:01 - 00:00:61", "13:00 PM"])
def test_a_time_that_cannot_be_names_its_line(time):
    with pytest.raises(UnreadableTranscript, match="line 3") as caught:
        parse(f"[00:00:01] Anna: Hello.\n\n[{time}] Ben: Hi.")

    assert caught.value.line == 3


# Speakers


@pytest.mark.parametrize(
    "name",
    [
        "Anna Costa",
        "Costa, Anna (Studio Norte)",
        "Dr. J. R. O'Neill-Brás",
        "iPhone 12 de Anna",
        "Meeting Room 4 (2nd floor)",
        "Ludwig van der Rohe",
        "user.interface@studio",
        "שרה כהן",
        "سارة",
        "田中",
        "Project manager",
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "[00:00:01] {}: Hello.",
        "0:01 {}: Hello.",
        "{}: Hello.",
        "{}  0:01\nHello.",
        "{} - 0:01\nHello.",
    ],
    ids=["bracketed", "tactiq", "named", "otter", "fireflies"],
)
def test_a_name_is_read_as_it_is_written(form, name):
    assert [(speaker, text) for speaker, text, _ in turns(form.format(name))] == [(name, "Hello.")]


@pytest.mark.parametrize("form", ["[0:01] {}: Hello.", "{}: Hello.", "{}  0:01\nHello."])
def test_a_name_keeps_a_colon_that_no_space_follows(form):
    assert speakers(form.format("Re:Form Studio")) == ["Re:Form Studio"]


def test_direction_marks_around_a_right_to_left_name_make_no_second_speaker():
    text = "[00:00:01] \u200fשרה\u200f: שלום\n\u200f[00:00:05] \u202bשרה\u202c: כן\n"

    assert speakers(text) == ["שרה", "שרה"]


def test_a_full_width_colon_ends_a_name():
    assert turns("田中：始めましょう。\n佐藤：はい。") == [
        ("田中", "始めましょう。", None),
        ("佐藤", "はい。", None),
    ]


def test_a_name_that_a_colon_would_cut_loses_the_space_after_it():
    cue = "00:00.000 --> 00:01.000\n<v Costa: Anna>Hello.</v>"

    assert speakers(vtt(cue)) == ["Costa:Anna"]


@pytest.mark.parametrize(
    "line",
    [
        "Note: the drawing is revision B.",
        "http://studio.example: that is the address.",
        "so here is the thing: we must choose.",
        "What do we do? Option two: the ramp.",
        "Nota: o desenho é a revisão B.",
        "12:30: that is when the client comes.",
    ],
)
def test_a_remark_with_a_colon_is_no_speaker(line):
    text = f"Anna: Let me explain.\n{line}\nBen: Fine.\n"

    assert turns(text) == [("Anna", f"Let me explain. {line}", None), ("Ben", "Fine.", None)]


def test_a_timed_line_without_a_name_is_said_by_unknown():
    text = "[00:00:01] Anna: Hello.\n[00:00:04] so here is the thing: we must choose.\n"

    assert turns(text)[1] == ("Unknown", "so here is the thing: we must choose.", 4.0)


def test_a_lower_case_speaker_is_believed_when_it_recurs():
    text = "Notes of the day\n\nanna: hello\nsecond line\nben: hi\nanna: shall we\nben: yes\n"

    assert speakers(text) == ["anna", "ben", "anna", "ben"]


def test_a_name_on_a_line_of_its_own_takes_the_lines_below():
    assert turns("Minutes\nAnna Costa:\nThe roof is flat.\nIt drains.\n\nBen Silva:\nYes.\n") == [
        ("Anna Costa", "The roof is flat. It drains.", None),
        ("Ben Silva", "Yes.", None),
    ]


def test_a_time_in_brackets_above_the_turns_is_the_time_of_its_block():
    text = "[00:00:01]\nAnna: Flat roof.\n[00:00:05]\nBen: Yes.\nAnna: Good.\n"

    assert turns(text) == [
        ("Anna", "Flat roof.", 1.0),
        ("Ben", "Yes.", 5.0),
        ("Anna", "Good.", 5.0),
    ]


@pytest.mark.parametrize("form", ["{} (0:05)\nHello.", "{} (0:05): Hello.", "{} [0:05]: Hello."])
def test_a_time_may_follow_the_name_in_brackets(form):
    assert turns(form.format("田中")) == [("田中", "Hello.", 5.0)]


def test_what_stands_above_the_line_transcript_was_not_said():
    text = "Summary\nAnna: wants a flat roof.\n\n📖 Transcript\n0:01 Anna: Flat roof.\n"

    assert turns(text) == [("Anna", "Flat roof.", 1.0)]


def test_a_document_without_times_is_read_below_its_heading():
    text = "Summary\nAnna: wants it flat.\n\n### Transcript\n\n**Ben Silva:** Flat roof.\n"

    assert turns(text) == [("Ben Silva", "Flat roof.", None)]


def test_turns_in_the_summary_do_not_decide_the_format():
    text = "Anna: wants it flat.\nBen: agrees.\n\nTranscript\n[00:01] Anna: Flat roof.\n"

    assert turns(text) == [("Anna", "Flat roof.", 1.0)]


def test_a_line_transcript_deep_in_a_meeting_cuts_nothing():
    text = "".join(f"0:01 Anna: point {n}\n" for n in range(500)) + "Transcript\n0:02 Ben: Yes.\n"

    assert len(parse(text).turns) == 501


def test_turns_without_words_are_left_out():
    assert speakers("[00:00:01] Anna:\n[00:00:02] Ben: Hi.") == ["Ben"]


# Cues


def test_cues_of_one_speaker_less_than_two_seconds_apart_become_one_turn():
    text = vtt(
        "00:00.000 --> 00:02.000\nAnna: We keep",
        "00:03.900 --> 00:05.000\nAnna: the tree.",
        "00:07.000 --> 00:08.000\nAnna: And the wall.",
    )

    assert [(t.text, t.start, t.end) for t in parse(text).turns] == [
        ("We keep the tree.", 0.0, 5.0),
        ("And the wall.", 7.0, 8.0),
    ]


def test_joined_cues_stop_at_two_thousand_characters():
    cues = [
        f"{n // 60:02d}:{n % 60:02d}.000 --> {n // 60:02d}:{n % 60:02d}.900\n<v Anna>{'word ' * 20}"
        for n in range(100)
    ]

    lengths = [len(turn.text) for turn in parse(vtt(*cues)).turns]

    assert len(lengths) > 1
    assert max(lengths) <= 2000


def test_overlapping_cues_of_two_speakers_stay_apart_in_order_of_start():
    text = vtt(
        "00:04.000 --> 00:09.000\n<v Anna>The long one.</v>",
        "00:02.000 --> 00:05.000\n<v Ben>The early one.</v>",
    )

    assert turns(text) == [("Ben", "The early one.", 2.0), ("Anna", "The long one.", 4.0)]


def test_a_cue_without_a_name_does_not_inherit_one_from_a_cue_at_the_same_time():
    text = vtt("00:01.000 --> 00:02.000\n<v Anna>Yes.</v>", "00:01.000 --> 00:02.000\nNo.")

    assert speakers(text) == ["Anna", "Unknown"]


def test_text_that_only_looks_like_a_tag_is_kept():
    text = vtt("00:01.000 --> 00:02.000\n<v.loud Anna>A <c.red>gap</c> &lt; 3 mm, <x> & 1 < 2")

    assert turns(text) == [("Anna", "A gap < 3 mm, <x> & 1 < 2", 1.0)]


def test_an_endless_character_reference_is_plain_text():
    text = vtt("00:01.000 --> 00:02.000\nAnna: &#" + "9" * 5000 + ";")

    assert turns(text)[0][0] == "Anna"


def test_a_vtt_file_without_its_first_line_is_read_by_its_cues():
    assert turns("00:01.000 --> 00:02.000\n<v Anna>Hello.</v>\n") == [("Anna", "Hello.", 1.0)]


def test_cues_that_hold_several_named_lines_are_cues():
    text = "1\n00:00:01,000 --> 00:00:02,000\nAnna: Flat?\nBen: Flat.\nRui: Fine.\n"

    assert turns(text) == [("Anna", "Flat?", 1.0), ("Ben", "Flat.", 1.0), ("Rui", "Fine.", 1.0)]


def test_the_name_of_a_file_settles_what_its_content_leaves_open():
    text = "1\n00:00:01.000 --> 00:00:02.000\nAnna: Hello.\n"

    assert parse(text).format == parse(text, "meeting.txt").format == "webvtt"
    assert parse(text, "Meeting.SRT").format == "srt"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nAnna: Hi.\n\n00:00:0x --> 00:00:05.000\nNo.", 6),
        ("WEBVTT\r\n\r\n00:61:01.000 --> 00:62:02.000\r\nAnna: Hi.", 3),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nAnna: Hi.", 3),
        ("1\n00:00:01,000 --> 00:00:02,000\nAnna: Hi.\n\n2\n00:00:03,000 --> then\nNo.", 6),
        ("1\n00:00:01,000 --> 00:00:02,000\nAnna: Hi.\n\n00:00:03,000 --> 00:00:04,000\nNo.", 5),
    ],
    ids=["letters", "minutes", "comma", "srt", "srt-number"],
)
def test_a_broken_cue_time_names_its_line(text, line):
    with pytest.raises(UnreadableTranscript) as caught:
        parse(text)

    assert caught.value.line == line


# What is no transcript


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\ufeff", "\u2028\u00a0"])
def test_nothing_is_no_transcript(text):
    with pytest.raises(UnreadableTranscript, match="empty"):
        parse(text)


def test_a_nul_byte_names_its_line():
    with pytest.raises(UnreadableTranscript, match="NUL") as caught:
        parse("Anna: Hi.\r\nBen: Hi.\rAnna: \0")

    assert caught.value.line == 3


def test_half_a_surrogate_pair_names_its_line():
    with pytest.raises(UnreadableTranscript) as caught:
        parse("Anna: Hi.\nBen: \ud83d")

    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "The building stands on a slope.\nIt was finished in 1962.\n",
        '{"speaker": "Anna",\n "text": "Hi"}',
        "WEBVTT\n\nNOTE nothing was said\n",
        "Meeting: design review\nDate: 12 May\nNote: cancelled\n",
        "Transcript\n\nTranscription ended after 00:02:31\n",
    ],
    ids=["prose", "json", "vtt", "heading", "meet"],
)
def test_a_text_in_which_nobody_speaks_is_no_transcript(text):
    with pytest.raises(UnreadableTranscript):
        parse(text)


def test_more_turns_than_a_meeting_can_have_are_refused():
    with pytest.raises(UnreadableTranscript, match="250000"):
        parse("a: b\n" * 250_001)
