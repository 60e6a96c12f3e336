"""What is wrong with a pack, in words for a policy officer: file, line, path, what is wrong, what would be right."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    file: str
    line: int
    path: str
    wrong: str
    right: str

    def __str__(self) -> str:
        where = f"{self.file} 第 {self.line} 行" if self.line else self.file
        where += f"〔{self.path}〕" if self.path else "："
        end = "" if self.right.endswith(("。", "？")) else "。"
        return f"{where}{self.wrong}。{self.right}{end}"


class PackError(Exception):
    """A pack that must not be used. `problems` lists everything that is wrong, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))
