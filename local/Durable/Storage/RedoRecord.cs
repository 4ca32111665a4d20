using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AiOs.Local.Durable.Storage;

/// <summary>
/// The changes of one group, as statements and their values: what <see cref="RedoLog"/> stores. A statement's text is in the record that
/// uses it first since the log began anew; later ones name it by its number.
/// </summary>
sealed class RedoRecord
{
    const byte KnownStatement = 1;
    const byte NewStatement = 2;
    const byte NullValue = 3;
    const byte NumberValue = 4;
    const byte TextValue = 5;
    const byte BytesValue = 6;

    readonly ArrayBufferWriter<byte> content = new(4096);
    readonly Dictionary<Change, int> numbers = [];
    int settled;

    /// <summary>The record so far.</summary>
    public ReadOnlySpan<byte> Content => content.WrittenSpan;

    /// <summary>Whether statements stand in it that no record before it has.</summary>
    public bool TellsStatements => numbers.Count > settled;

    /// <summary>Adds a value, and before a first one its statement.</summary>
    public void Add(Change change, int parameter, long value)
    {
        Begin(change, parameter);
        Head(NumberValue, value);
    }

    /// <inheritdoc cref="Add(Change, int, long)"/>
    public void Add(Change change, int parameter, ReadOnlySpan<byte> value)
    {
        Begin(change, parameter);
        Long(BytesValue, value);
    }

    /// <inheritdoc cref="Add(Change, int, long)"/>
    public void AddText(Change change, int parameter, ReadOnlySpan<byte> utf8)
    {
        Begin(change, parameter);
        Long(TextValue, utf8);
    }

    /// <inheritdoc cref="Add(Change, int, long)"/>
    public void AddNull(Change change, int parameter)
    {
        Begin(change, parameter);
        Byte(NullValue);
    }

    void Begin(Change change, int parameter)
    {
        if (parameter > 1)
            return;
        if (numbers.TryGetValue(change, out var number))
        {
            Head(KnownStatement, number);
            return;
        }
        numbers[change] = numbers.Count;
        Long(NewStatement, Encoding.UTF8.GetBytes(change.Sql));
    }

    void Byte(byte value)
    {
        content.GetSpan(1)[0] = value;
        content.Advance(1);
    }

    void Head(byte kind, long value)
    {
        var into = content.GetSpan(9);
        into[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(into[1..], value);
        content.Advance(9);
    }

    void Long(byte kind, ReadOnlySpan<byte> bytes)
    {
        Head(kind, bytes.Length);
        content.Write(bytes);
    }

    /// <summary>The record is in the log: the next one may count on what it said.</summary>
    public void Keep()
    {
        content.ResetWrittenCount();
        settled = numbers.Count;
    }

    /// <summary>The record is in no log.</summary>
    public void Drop()
    {
        content.ResetWrittenCount();
        foreach (var (change, number) in numbers)
            if (number >= settled)
                numbers.Remove(change);
    }

    /// <summary>The log begins anew.</summary>
    public void Forget()
    {
        content.Clear();
        numbers.Clear();
        settled = 0;
    }

    /// <summary>Makes the changes of a record again.</summary>
    /// <param name="texts">The statements of the records before it; gains those of this one.</param>
    public static void Apply(ReadOnlySpan<byte> record, List<string> texts, Sqlite database)
    {
        Statement? statement = null;
        while (!record.IsEmpty)
        {
            var kind = record[0];
            var value = kind == NullValue ? 0 : BinaryPrimitives.ReadInt64LittleEndian(record[1..]);
            var bytes = kind is NewStatement or TextValue or BytesValue ? record.Slice(9, (int)value) : [];
            record = record[(kind == NullValue ? 1 : 9 + bytes.Length)..];
            if (kind is KnownStatement or NewStatement)
            {
                statement?.Run();
                if (kind == NewStatement)
                    texts.Add(Encoding.UTF8.GetString(bytes));
                statement = database.Prepare(texts[kind == NewStatement ? ^1 : (int)value]);
                continue;
            }
            _ = kind switch
            {
                NullValue => statement!.Null(),
                NumberValue => statement!.Bind(value),
                TextValue => statement!.BindText(bytes),
                _ => statement!.Bind(bytes),
            };
        }
        statement?.Run();
    }

    /// <summary>Notes the statements of a record that need not be made again.</summary>
    public static void Skip(ReadOnlySpan<byte> record, List<string> texts)
    {
        while (!record.IsEmpty)
        {
            var kind = record[0];
            var value = kind == NullValue ? 0 : BinaryPrimitives.ReadInt64LittleEndian(record[1..]);
            var bytes = kind is NewStatement or TextValue or BytesValue ? record.Slice(9, (int)value) : [];
            record = record[(kind == NullValue ? 1 : 9 + bytes.Length)..];
            if (kind == NewStatement)
                texts.Add(Encoding.UTF8.GetString(bytes));
        }
    }
}
