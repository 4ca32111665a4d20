using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Durable.Entities;

/// <summary>An entity's state: text at rest, an object in use.</summary>
sealed class EntityState(string? text, DataConverter converter, Limits limits) : TaskEntityState
{
    object? read;

    public string? Text { get; private set; } = text;

    public override bool HasState => Text is not null;

    public override object? GetState(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (read is not null && type.IsInstanceOfType(read))
            return read;
        return read = converter.Deserialize(Text, type);
    }

    public override void SetState(object? state)
    {
        Text = limits.Payload(converter.Serialize(state), nameof(state));
        read = state;
    }

    /// <summary>Takes an operation's changes back.</summary>
    public void Restore(string? before) => (Text, read) = (before, null);
}
