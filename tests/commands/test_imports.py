import pytest


@pytest.fixture
def written(tmp_path):
    def write(*lines, name="passes.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines))
        return str(path)

    return write


@pytest.fixture
def anna(tapdesk):
    tapdesk("identities", "add", "--email", "anna@hotel.example")


def test_a_list_of_passes_comes_in_and_rows_with_errors_are_left_out(tapdesk, anna, written):
    path = written("UID;E-mail", "04A2B3C4;anna@hotel.example", "4.71E+13;anna@hotel.example")
    ended = tapdesk("import", path, "--json")
    assert ended.code == 0
    assert {name: ended.data[name] for name in ("new", "change", "same", "check", "error", "removed")} == {
        **dict.fromkeys(("change", "same", "check", "removed"), 0),
        **dict.fromkeys(("new", "error"), 1),
    }
    assert [row["verdict"] for row in ended.data["rows"]] == ["new", "error"]
    assert ended.data["rows"][1]["problems"][0]["code"] == "uid_became_number"
    assert "04A2B3C4" in tapdesk("passes", "list").out


def test_a_dry_run_writes_nothing(tapdesk, anna, written):
    ended = tapdesk("import", written("UID;E-mail", "04A2B3C4;anna@hotel.example"), "--dry-run")
    assert (ended.code, ended.out) == (0, "passes.csv: 1 new. Nothing was written.\n")
    assert tapdesk("passes", "list", "--json").data == []


def test_holders_that_nobody_knows_are_an_error_or_made(tapdesk, written):
    path = written("UID;E-mail", "04A2B3C4;new@hotel.example")
    assert tapdesk("import", path).code == 1
    assert tapdesk("import", path, "--create-identities").code == 0
    assert tapdesk("import", path).out == "passes.csv: 1 same.\n"


def test_a_complete_list_removes_what_is_not_in_it(tapdesk, anna, written):
    tapdesk("import", written("UID;E-mail", "04A2B3C4;anna@hotel.example"))
    ended = tapdesk("import", written("UID;E-mail", "04FFFFFF;anna@hotel.example"), "--complete-list", "--json")
    assert (ended.data["new"], ended.data["removed"]) == (1, 1)


def test_what_comes_in_goes_into_a_pool(tapdesk, anna, written):
    tapdesk("pools", "create", "Garage")
    tapdesk("import", written("UID;E-mail", "04A2B3C4;anna@hotel.example"), "--pool", "Garage")
    tapdesk("import", written("UID;E-mail", "04FFFFFF;anna@hotel.example"), "--pool", "garage", "--clear")
    (garage,) = tapdesk("pools", "list", "--json").data
    assert garage["passes"] == 1
    assert len(tapdesk("passes", "list", "--json").data) == 2


def test_ids_alone_become_the_list_of_a_pool(tapdesk, written):
    tapdesk("pools", "create", "Garage")
    tapdesk("import", written("Auth ID", "04A2B3C4D5E680", "04A2B3C4D5E681"), "--pool", "Garage")
    tapdesk("import", written("Auth ID", "04A2B3C4D5E682"), "--pool", "Garage", "--clear")
    (garage,) = tapdesk("pools", "list", "--json").data
    assert garage["passes"] == 1


def test_a_pool_is_not_cleared_without_a_name(tapdesk, written):
    assert tapdesk("import", written("Auth ID", "04A2B3C4D5E680"), "--clear").code == 1


@pytest.mark.parametrize("name", ["gone.xlsx", "."])
def test_what_cannot_be_read_is_said_in_a_sentence(tapdesk, tmp_path, name):
    ended = tapdesk("import", str(tmp_path / name))
    assert ended.code == 1
    assert ended.err.count("\n") == 1
