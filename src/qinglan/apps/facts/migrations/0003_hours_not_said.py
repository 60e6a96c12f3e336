"""Hours of an opening balance that nobody wrote are no longer 0 but say nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("facts", "0002_header_words")]

    operations = [
        migrations.AlterField("openingbalance", name, models.PositiveIntegerField(label, null=True))
        for name, label in (
            ("training_hours", "年度学时（百分之一）"),
            ("onboarding_hours", "岗前学时（百分之一）"),
            ("shadowing_hours", "跟岗小时（百分之一）"),
        )
    ]
