"""django-simple-history on SQLite: a model with `HistoricalRecords`, asked with the manager's `as_of`.

Records are stored in bulk just as the library writes them. Its composite date index is on, and we add one for its look
for each row's latest record. Values are fetched rather than objects, which is faster.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.peers.histories import Found, Histories
from benchmarks.peers.rows import EVER, Row, versions
from benchmarks.scale import Workload

_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
_CHUNK = 400
_FOUND = ("subject", "step", "does", "says", "settings")
_ORDER = ("subject", "lo", "rung", "number")


def _configured(folder: Path) -> type[Any]:
    """The model, on a database in the folder."""
    import django
    from django.conf import settings

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/django.db"}
    apps = ["django.contrib.contenttypes", "django.contrib.auth", "simple_history"]
    settings.configure(
        INSTALLED_APPS=apps, DATABASES={"default": database}, USE_TZ=True, SIMPLE_HISTORY_DATE_INDEX="composite"
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection, models
    from simple_history.models import HistoricalRecords

    class Fact(models.Model):
        number = models.BigIntegerField(primary_key=True)
        subject = models.CharField(max_length=40, db_index=True)
        lo = models.BigIntegerField()
        hi = models.BigIntegerField()
        rung = models.IntegerField()
        step = models.IntegerField()
        does = models.CharField(max_length=1)
        says = models.CharField(max_length=40)
        published = models.BigIntegerField()
        actual = models.BooleanField()
        settings = models.TextField()
        history = HistoricalRecords()

        class Meta:
            app_label = "simple_history"

    call_command("migrate", verbosity=0)
    past = Fact.history.model._meta.db_table
    if past not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Fact)
            editor.create_model(Fact.history.model)
            editor.execute(f"CREATE INDEX latest_of_each ON {past} (number, history_date)")
    return Fact


def _date(position: int) -> datetime:
    return _BEGAN + timedelta(seconds=position)


class SimpleHistory(Histories):
    """The library as it comes."""

    name = "django-simple-history"
    packages = ("django-simple-history", "Django")

    def __init__(self, folder: Path) -> None:
        self.model = _configured(folder)

    def load(self, workload: Workload) -> dict[str, float]:
        """Create records and rows in bulk."""
        from django.db import connection, transaction

        kept = versions(workload)
        start = perf_counter()
        records = [self._record(each.row, each.since, "+" if each.nth == 1 else "~") for each in kept]
        ended = {each.row.number: each for each in sorted(kept, key=lambda each: each.since)}
        records += [self._record(each.row, each.until, "-") for each in ended.values() if each.until != EVER]
        with transaction.atomic():
            self.model.history.model.objects.bulk_create(records, batch_size=2_000)  # type: ignore[attr-defined]
            standing = [self.model(**each.row._asdict()) for each in kept if each.until == EVER]
            self.model.objects.bulk_create(standing, batch_size=2_000)  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return {"import": perf_counter() - start}

    def _record(self, row: Row, position: int, sort: str) -> Any:
        history: Any = self.model.history.model  # type: ignore[attr-defined]
        return history(history_date=_date(position), history_type=sort, **row._asdict())

    def rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> Iterable[Found]:
        """The latest record of each row by then."""
        as_of = self.model.history.as_of(_date(recorded)).filter(actual=True, hi__lte=at)  # type: ignore[attr-defined]
        if subjects is None:
            return list(as_of.order_by(*_ORDER).values_list(*_FOUND))
        found: list[Found] = []
        for begin in range(0, len(subjects), _CHUNK):
            some = as_of.filter(subject__in=subjects[begin : begin + _CHUNK])
            found += some.order_by(*_ORDER).values_list(*_FOUND)
        return found

    def reported(self, subject: str, at: int, reported: int) -> Iterable[Found]:
        """The rows as they stand."""
        standing: Any = self.model.objects  # type: ignore[attr-defined]
        wanted = standing.filter(subject=subject, actual=True, hi__lte=at, published__lte=reported)
        return list(wanted.order_by(*_ORDER).values_list(*_FOUND))

    def touched(self, first: int, last: int) -> list[str]:
        """Those of the records made between."""
        made = self.model.history.filter(  # type: ignore[attr-defined]
            history_date__gt=_date(first), history_date__lte=_date(last)
        )
        return sorted(set(made.values_list("subject", flat=True)))


Peer = SimpleHistory
