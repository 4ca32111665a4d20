using System.Globalization;
using AiOs.DataPlane.Schedules;
using AiOs.DataPlane.Yaml;
using AiOs.Security;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Reads the head of app.yaml: everything but the steps.</summary>
static class AppFile
{
    static readonly string[] NeedModel = ["person", "name", "names", "address", "location", "organization", "organisation", "date", "birthdate", "nationality"];

    public static Section? Open(YamlNode? root, Problems problems) =>
        Section.Of(root, problems, "the app", "name", "version", "summary", "owner", "mask", "triggers", "steps", "handOff", "kpis", "slo");

    public static string? Name(Section app)
    {
        var name = app.Match("name", Names.Kebab, "a name is lower-case words with hyphens", app.Has("name") && app["name"] is YamlScalar given && Names.ToKebab(given.Value) is { } better ? better : "claims-intake");
        if (name?.Length > Names.MaxApp)
            app.Problems.Add(app["name"]!, $"An app's name has at most {Names.MaxApp} characters; this has {name.Length}.");
        return name;
    }

    public static string? Version(Section app) => app.Match("version", Names.Version, "a version is semantic (semver.org): three numbers with dots",
        app["version"] is YamlScalar { Value: var text } && double.TryParse(text, CultureInfo.InvariantCulture, out _) ? text + (text.Contains('.', StringComparison.Ordinal) ? ".0" : ".0.0") : "1.0.0");

    public static IReadOnlyList<string> Mask(Section app)
    {
        var kinds = new List<string>();
        foreach (var item in app.Scalars("mask") ?? [])
            if (NeedModel.Contains(item.Value, StringComparer.OrdinalIgnoreCase))
                app.Problems.Add(item, $"Masking `{item.Value}` needs a model that this version does not have; nothing would be masked. Kinds: {string.Join(", ", MaskKinds.All)}.", "leave it out, and do not ask for it in messages");
            else if (!MaskKinds.All.Contains(item.Value, StringComparer.Ordinal))
                app.Problems.Unknown(item, "kind of personal data", item.Value, MaskKinds.All);
            else if (kinds.Contains(item.Value, StringComparer.Ordinal))
                app.Problems.Add(item, $"`{item.Value}` stands twice.");
            else
                kinds.Add(item.Value);
        return kinds;
    }

    public static Triggers Triggers(Section app)
    {
        if (!app.Has("triggers") || Section.Of(app["triggers"], app.Problems, "`triggers`", "queue", "events", "schedule") is not { } triggers)
            return new Triggers(null, [], []);
        var queue = triggers.Match("queue", Names.Kebab, "a queue is named in lower-case words with hyphens", null);
        var events = triggers.Scalars("events") ?? [];
        foreach (var type in events.Where(type => type.Value.Length is 0 or > 200 || type.Value.Any(char.IsWhiteSpace)))
            app.Problems.Add(type, "A CloudEvents type is a reverse-DNS name without blanks.", "com.contoso.claim.filed");
        var schedules = !triggers.Has("schedule") ? []
            : triggers["schedule"] is YamlList list ? list.Items.Select(item => Schedule(item, app.Problems)).OfType<ScheduleTrigger>().ToList()
            : Schedule(triggers["schedule"]!, app.Problems) is { } one ? new List<ScheduleTrigger> { one } : [];
        return new Triggers(queue, [.. events.Select(type => type.Value).Distinct(StringComparer.Ordinal)], schedules);
    }

    static ScheduleTrigger? Schedule(YamlNode node, Problems problems)
    {
        if (Section.Of(node, problems, "a schedule", "cron", "timeZone", "text") is not { } schedule)
            return null;
        var (cron, zone, text) = (schedule.Text("cron", 100, "'0 0 6 * * *'"), schedule.Text("timeZone", 60) ?? "UTC", schedule.Text("text", 2000, "Run the nightly review."));
        try
        {
            if (cron is not null)
                Ncrontab.Parse(cron);
        }
        catch (FormatException wrong)
        {
            problems.Add(schedule["cron"]!, wrong.Message, "cron: '0 0 6 * * *'");
            return null;
        }
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            problems.Add(schedule["timeZone"]!, $"There is no time zone `{zone}`; names are those of the IANA database.", "timeZone: Europe/Berlin");
            return null;
        }
        return cron is null || text is null ? null : new ScheduleTrigger(cron, zone, text);
    }

    public static HandOffRule? HandOff(Section app, IReadOnlyList<string> intents)
    {
        if (!app.Has("handOff") || Section.Of(app["handOff"], app.Problems, "`handOff`", "role", "intents", "say") is not { } handOff)
            return null;
        var role = handOff.Word("role", PolicyFile.RoleNames, "operator") ?? HandOffRule.Standard.Role;
        var handed = handOff.Scalars("intents");
        foreach (var unknown in (handed ?? []).Where(intent => !intents.Contains(intent.Value, StringComparer.Ordinal)))
            app.Problems.Unknown(unknown, "intent", unknown.Value, intents);
        return new HandOffRule(role, handed?.Select(intent => intent.Value).ToList(), handOff.Text("say", 500));
    }

    public static Kpis? Kpis(Section app) => app.Has("kpis") && Section.Of(app["kpis"], app.Problems, "`kpis`", "minutesSaved", "hourlyCost") is { } kpis
        ? new Kpis(kpis.Number("minutesSaved", 0, 100_000, "10") ?? 0, kpis.Number("hourlyCost", 0, 100_000, "45") ?? 0)
        : null;

    public static Slo? Slo(Section app)
    {
        if (!app.Has("slo") || Section.Of(app["slo"], app.Problems, "`slo`", "p95", "success") is not { } slo)
            return null;
        double? success = null;
        if (slo.Scalar("success") is { } share)
            if (share.Value.EndsWith('%') && double.TryParse(share.Value.AsSpan(0, share.Value.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100)
                success = percent / 100;
            else
                app.Problems.Add(share, $"`success` is a percentage; found {share.Article}.", "success: 99%");
        return new Slo(slo.Duration("p95", TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), "1500ms"), success);
    }
}
