"""Which words and which decisions similarity looks at."""

import uuid

from decisionlog.decisions import similar


def document(keys):
    return similar.Document(uuid.uuid4(), keys, keys.split())


def test_the_rarest_words_choose_while_what_they_find_can_be_read():
    frequencies = {"steel": 60, "raft": 2, "pile": 30, "annex": 700}
    assert similar.rarest(frequencies) == ["raft", "pile", "steel"]
    assert similar.rarest(frequencies | {"pile": 99}) == ["raft", "steel"]


def test_where_every_word_is_common_the_rarest_chooses_alone():
    assert similar.rarest({"steel": 1000, "annex": 900}) == ["annex"]


def test_a_rare_word_in_common_weighs_more_than_a_frequent_one():
    frequencies, subject = {"raft": 2, "steel": 100}, ["raft", "steel"]
    rare, frequent = document("raft oak"), document("steel oak")
    found = similar.nearest(subject, [frequent, rare], frequencies, 1000)
    assert [entry[0] for entry in found] == [rare, frequent]
    assert found[0][1] > 2 * found[1][1]
