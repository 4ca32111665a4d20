using System.Text;

namespace AiOs.Local.CommandLine;

/// <summary>Reads comma-separated values as RFC 4180 has them: quoted fields may hold commas, doubled quotes and line breaks.</summary>
static class Csv
{
    /// <summary>The values of one column, by its name in the header line; a file without it is refused by naming the columns it has.</summary>
    public static IReadOnlyList<string> Column(string path, string column)
    {
        if (!File.Exists(path)) throw new CommandException($"{path} does not exist.", ExitCode.Usage);
        using var reader = new StreamReader(path, Encoding.UTF8);
        var header = Record(reader) ?? throw new CommandException($"{path} is empty.", ExitCode.Usage);
        var index = header.FindIndex(name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
        if (index < 0) throw new CommandException($"{path} has no column '{column}'; its columns are {string.Join(", ", header)}.", ExitCode.Usage);
        var values = new List<string>();
        while (Record(reader) is { } record)
            if (record.Count > index && !string.IsNullOrWhiteSpace(record[index]))
                values.Add(record[index]);
        return values;
    }

    static List<string>? Record(TextReader reader)
    {
        if (reader.Peek() < 0) return null;
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        int next;
        while ((next = reader.Read()) >= 0)
        {
            var c = (char)next;
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (reader.Peek() == '"') field.Append((char)reader.Read());
                else quoted = false;
            }
            else if (c == '"') quoted = true;
            else if (c == ',') Close(fields, field);
            else if (c == '\n') break;
            else if (c != '\r') field.Append(c);
        }

        Close(fields, field);
        return fields;
    }

    static void Close(List<string> fields, StringBuilder field)
    {
        fields.Add(field.ToString());
        field.Clear();
    }
}
