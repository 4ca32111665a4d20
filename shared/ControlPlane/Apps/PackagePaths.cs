namespace AiOs.ControlPlane.Apps;

/// <summary>Which paths a package may hold: relative, with forward slashes, going down only.</summary>
static class PackagePaths
{
    const int MaxLength = 240;

    public static void Check(string path)
    {
        if (path.Length is 0 or > MaxLength || path.Any(c => char.IsControl(c) || c is '\\' or ':' or '\uFFFD') || path.StartsWith('/'))
            throw new InvalidPackageException($"The path `{new string([.. path.Take(60).Select(c => char.IsControl(c) ? '?' : c)])}` is not relative with forward slashes, or too long.");
        if (path.Split('/').Any(part => part is "" or "." or ".."))
            throw new InvalidPackageException($"The path `{path}` climbs or has an empty part.");
    }

    /// <summary>What operating systems add to archives.</summary>
    public static bool IsNoise(string path) => path.StartsWith("__MACOSX/", StringComparison.Ordinal) || path.EndsWith("/.DS_Store", StringComparison.Ordinal) || path == ".DS_Store";

    /// <summary>An archive of a folder often holds that folder; it is taken off when app.yaml stands right inside it.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> WithoutOuterFolder(IReadOnlyDictionary<string, byte[]> files)
    {
        if (files.Count == 0 || files.ContainsKey(AppReader.ManifestFile))
            return files;
        var first = files.Keys.First();
        var outer = first[..(first.IndexOf('/', StringComparison.Ordinal) + 1)];
        return outer.Length > 0 && files.ContainsKey(outer + AppReader.ManifestFile) && files.Keys.All(path => path.StartsWith(outer, StringComparison.Ordinal))
            ? files.Select(file => KeyValuePair.Create(file.Key[outer.Length..], file.Value))
            : files;
    }
}
