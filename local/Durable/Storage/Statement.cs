using System.Buffers;
using System.Text;
using SQLitePCL;

namespace AiOs.Local.Durable.Storage;

/// <summary>A prepared statement: bind the parameters in order, then <see cref="Run"/> it or <see cref="Step"/> through its rows and <see cref="Reset"/>.</summary>
sealed class Statement(Sqlite owner, sqlite3_stmt prepared) : IDisposable
{
    int next = 1;

    /// <summary>Binds the next parameter.</summary>
    public Statement Bind(long value)
    {
        owner.Check(raw.sqlite3_bind_int64(prepared, next++, value));
        return this;
    }

    /// <summary>Binds the next parameter; null is NULL.</summary>
    public Statement Bind(long? value) => value is { } number ? Bind(number) : Null();

    /// <summary>Binds the next parameter as UTF-8 text; null is NULL.</summary>
    public Statement Bind(string? value)
    {
        if (value is null)
            return Null();
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(value, buffer);
            BindText(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return this;
    }

    /// <summary>Binds the next parameter as text that is in UTF-8.</summary>
    public Statement BindText(ReadOnlySpan<byte> utf8)
    {
        owner.Check(raw.sqlite3_bind_text(prepared, next++, utf8));
        return this;
    }

    /// <summary>Binds the next parameter as bytes.</summary>
    public Statement Bind(ReadOnlySpan<byte> value)
    {
        owner.Check(raw.sqlite3_bind_blob(prepared, next++, value));
        return this;
    }

    /// <summary>Binds the next parameter as NULL.</summary>
    public Statement Null()
    {
        owner.Check(raw.sqlite3_bind_null(prepared, next++));
        return this;
    }

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(prepared);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code != raw.SQLITE_DONE)
        {
            Reset();
            owner.Check(code);
        }
        return false;
    }

    /// <summary>Runs the statement to its end and makes it ready again.</summary>
    public void Run()
    {
        while (Step())
        {
        }
        Reset();
    }

    /// <summary>Makes the statement ready for its next use.</summary>
    public void Reset()
    {
        raw.sqlite3_reset(prepared);
        next = 1;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(prepared, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(prepared, column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => raw.sqlite3_column_int(prepared, column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(prepared, column));

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(prepared, column).ToArray();

    /// <inheritdoc/>
    public void Dispose() => prepared.Dispose();
}
