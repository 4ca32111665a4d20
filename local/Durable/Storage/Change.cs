using System.Buffers;
using System.Text;

namespace AiOs.Local.Durable.Storage;

/// <summary>A statement that changes the tables: bind the values in order, then <see cref="Run"/> it. It is written down for the log, and runs at once or later (<see cref="Transactions"/>).</summary>
/// <param name="sql">The statement.</param>
/// <param name="record">Where it is written down; null where there is no log.</param>
sealed class Change(string sql, RedoRecord? record)
{
    Statement? now;
    int next;

    /// <summary>What is to be done.</summary>
    public string Sql => sql;

    /// <summary>Readies it for its first value.</summary>
    /// <param name="tables">Where it runs at once; null when it is written down only.</param>
    public Change On(Sqlite? tables)
    {
        (now, next) = (tables?.Prepare(sql), 1);
        return this;
    }

    /// <summary>Binds the next value.</summary>
    public Change Bind(long value)
    {
        record?.Add(this, next++, value);
        now?.Bind(value);
        return this;
    }

    /// <summary>Binds the next value; null is NULL.</summary>
    public Change Bind(long? value) => value is { } number ? Bind(number) : Null();

    /// <summary>Binds the next value as UTF-8 text; null is NULL.</summary>
    public Change Bind(string? value)
    {
        if (value is null)
            return Null();
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        try
        {
            var utf8 = buffer.AsSpan(0, Encoding.UTF8.GetBytes(value, buffer));
            record?.AddText(this, next++, utf8);
            now?.BindText(utf8);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return this;
    }

    /// <summary>Binds the next value as bytes.</summary>
    public Change Bind(ReadOnlySpan<byte> value)
    {
        record?.Add(this, next++, value);
        now?.Bind(value);
        return this;
    }

    Change Null()
    {
        record?.AddNull(this, next++);
        now?.Null();
        return this;
    }

    /// <summary>All values are bound.</summary>
    public void Run() => now?.Run();
}
