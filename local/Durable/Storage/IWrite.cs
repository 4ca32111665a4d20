namespace AiOs.Local.Durable.Storage;

/// <summary>One all-or-nothing change. Many share a transaction and its fsync.</summary>
interface IWrite
{
    /// <summary>Writes the rows. May run again when a commit fails, so it keeps no result of an earlier run.</summary>
    void Apply(Tables tables);

    /// <summary>The rows are on disk: their effects may begin. Short, never blocks, never throws.</summary>
    void Committed();

    /// <summary>The rows are not written and will not be.</summary>
    void Failed(Exception reason);

    /// <summary>Whether to keep it and try again while the disk is full or the file is locked; otherwise its caller is told at once.</summary>
    bool Waits { get; }

    /// <summary>Whether it must be where readers of the file see it before it counts as written.</summary>
    bool Settles => false;

    /// <summary>Whether it changes nothing, so that it can be answered though the changes beside it cannot be written.</summary>
    bool Reads => false;
}
