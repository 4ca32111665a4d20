using System.Text;

namespace AiOs.Local.CommandLine;

/// <summary>Reads comma-separated values as RFC 4180 has them: quoted fields may hold commas, doubled quotes and line breaks.</summary>
static class Csv
{
    /// <summary>One record and the line of the file on which it starts.</summary>
    public readonly record struct Row(int Line, IReadOnlyList<string> Fields);

    /// <summary>The values of one column, by its name in the header line; a file without it is refused by naming the columns it has.</summary>
    public static IReadOnlyList<string> Column(string path, string column)
    {
        var (header, rows) = Table(path);
        var index = Find(header, column);
        if (index < 0) throw new CommandException($"{path} has no column '{column}'; its columns are {string.Join(", ", header)}.", ExitCode.Usage);
        return [.. rows.Where(row => row.Fields.Count > index && !string.IsNullOrWhiteSpace(row.Fields[index])).Select(row => row.Fields[index])];
    }

    /// <summary>The header and the records behind it; a file that is missing or empty, or whose last quote is never closed, is refused.</summary>
    public static (IReadOnlyList<string> Header, IEnumerable<Row> Rows) Table(string path)
    {
        if (!File.Exists(path)) throw new CommandException($"{path} does not exist.", ExitCode.Usage);
        var records = Records(path).GetEnumerator();
        if (!records.MoveNext()) throw new CommandException($"{path} is empty.", ExitCode.Usage);
        return (records.Current.Fields, Rest(records));
    }

    /// <summary>The place of a column in a header, in any case; -1 where it is not there.</summary>
    public static int Find(IReadOnlyList<string> header, string column) => header.ToList().FindIndex(name => name.Trim().Equals(column, StringComparison.OrdinalIgnoreCase));

    static IEnumerable<Row> Rest(IEnumerator<Row> records)
    {
        using (records)
            while (records.MoveNext())
                yield return records.Current;
    }

    static IEnumerable<Row> Records(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        var line = 1;
        while (reader.Peek() >= 0)
        {
            var start = line;
            yield return new(start, Record(reader, path, ref line));
        }
    }

    static List<string> Record(StreamReader reader, string path, ref int line)
    {
        var (fields, field, quoted, opened) = (new List<string>(), new StringBuilder(), false, line);
        for (int next; (next = reader.Read()) >= 0;)
        {
            var c = (char)next;
            if (c == '\n') line++;
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (reader.Peek() == '"') field.Append((char)reader.Read());
                else quoted = false;
            }
            else if (c == '"') (quoted, opened) = (true, line);
            else if (c == ',') Close(fields, field);
            else if (c == '\n') break;
            else if (c != '\r') field.Append(c);
        }

        if (quoted) throw new CommandException($"{path}:{opened}: the quote that opens here is never closed.", ExitCode.Usage);
        Close(fields, field);
        return fields;
    }

    static void Close(List<string> fields, StringBuilder field)
    {
        fields.Add(field.ToString());
        field.Clear();
    }
}
