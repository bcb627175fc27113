from decisionlog.decisions import memory
from decisionlog.decisions.memory import Memory


def test_a_value_is_remembered_until_its_seconds_are_over(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(memory.clock, "monotonic", lambda: moment[0])
    kept = Memory(10)
    assert kept.get("key") is None
    kept["key"] = "value"
    moment[0] += 9.9
    assert kept.get("key") == "value"
    moment[0] += 0.2
    assert kept.get("key") is None


def test_the_oldest_go_when_there_are_too_many():
    kept = Memory(10, most=2)
    for number in range(3):
        kept[number] = number
    assert [kept.get(number) for number in range(3)] == [None, 1, 2]
