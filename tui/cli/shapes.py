"""What a command line is made of: options, arguments, verbs. Imports nothing at all."""

from __future__ import annotations


class Option:
    """One flag. Without a `metavar` it is a switch."""

    __slots__ = ("choices", "en", "es", "flag", "metavar", "multiple")

    def __init__(
        self,
        flag: str,
        en: str,
        es: str,
        *,
        metavar: str = "",
        multiple: bool = False,
        choices: tuple[str, ...] = (),
    ) -> None:
        self.flag = flag
        self.en = en
        self.es = es
        self.metavar = metavar
        self.multiple = multiple
        self.choices = choices

    @property
    def usage(self) -> str:
        """The flag as help shows it, `--seed N`."""
        return f"{self.flag} {self.metavar}" if self.metavar else self.flag


class Argument:
    """One word after the verb. `many` takes all that follow; `choices` closes the set."""

    __slots__ = ("choices", "many", "name", "required")

    def __init__(
        self, name: str, *, required: bool = True, many: bool = False, choices: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.required = required
        self.many = many
        self.choices = choices

    @property
    def usage(self) -> str:
        """The argument as help shows it: `SCENARIO`, `[NAME]`, `[SCENARIO…]`, `bash|zsh|fish`."""
        word = "|".join(self.choices) if self.choices and self.required else self.name.upper()
        word += "…" if self.many else ""
        return word if self.required else f"[{word}]"


class Verb:
    """One thing that orchsim does. Its code is in `tui.cli.verbs.MODULE`, function `act`."""

    __slots__ = ("arguments", "en", "es", "examples", "name", "options")

    def __init__(
        self,
        name: str,
        en: str,
        es: str,
        *,
        arguments: tuple[Argument, ...] = (),
        options: tuple[Option, ...] = (),
        examples: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.en = en
        self.es = es
        self.arguments = arguments
        self.options = options
        self.examples = examples

    @property
    def usage(self) -> str:
        """The verb with its arguments, `show SCENARIO [VIEW] [NAME]`."""
        return " ".join([self.name, *(argument.usage for argument in self.arguments)])

    @property
    def module(self) -> str:
        """The name of the module that holds its code: its own, with `_` for `-`."""
        return self.name.replace("-", "_")
