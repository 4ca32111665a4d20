namespace AiOs.DataPlane.Yaml;

/// <summary>A piece of YAML with its place (1-based line and column).</summary>
abstract record YamlNode(long Line, long Column)
{
    public abstract string Article { get; }
}

/// <summary>Text, a number or anything else that is one value. <paramref name="Inside"/> is the column of its first character, 0 when it runs over several lines.</summary>
sealed record YamlScalar(string Value, bool Plain, long Inside, long Line, long Column) : YamlNode(Line, Column)
{
    public bool IsNull => Plain && Value is "" or "null" or "~";

    public override string Article => Plain && Value is "" ? "nothing" : $"`{(Value.Length > 40 ? Value[..40] + "..." : Value)}`";
}

sealed record YamlList(IReadOnlyList<YamlNode> Items, long Line, long Column) : YamlNode(Line, Column)
{
    public override string Article => "a list";
}

sealed record YamlMap(IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> Entries, long Line, long Column) : YamlNode(Line, Column)
{
    public override string Article => "a map";
}
