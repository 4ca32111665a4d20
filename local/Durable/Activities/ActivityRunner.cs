using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable.Activities;

/// <summary>
/// Runs activities, each in its own DI scope. An activity runs at least once: its row goes only with the transition that records its
/// answer, and what has a row at the start of the engine runs again.
/// </summary>
sealed class ActivityRunner(DurableEngine engine)
{
    readonly WorkQueue queue = new(engine.Options.MaxConcurrentActivities);

    public int Running => queue.Running;

    public int Waiting => queue.Waiting;

    public void Start(ActivityWork work) => queue.Enqueue(new Job(work, engine));

    /// <summary>Begins no more.</summary>
    public void Pause() => queue.Pause();

    sealed class Job(ActivityWork work, DurableEngine engine) : IWork
    {
        public async Task RunAsync()
        {
            TaskAnswered answer;
            var answering = AnswerAsync();

            // INVARIANT: what had to wait goes on inside of whatever completed it, another activity perhaps, which is not over then.
            var isOver = answering.IsCompleted;
            try
            {
                answer = await answering;
            }
            catch (OperationCanceledException) when (engine.Stopping.IsCancellationRequested)
            {
                // It was told to stop. It has no answer, and runs again at the next start.
                return;
            }
            catch (Exception failure)
            {
                engine.Log.ActivityFailed(failure, work.Name, work.InstanceId);
                answer = new TaskFailed(work.TaskId, Failure.From(failure));
            }
            using (isOver ? Relay.Open() : Relay.Close())
                engine.Orchestrations.Deliver(work.Key, new(0, answer));
        }

        async Task<TaskAnswered> AnswerAsync()
        {
            if (engine.Tasks.Activity(work.Name, work.Version) is not { } factory)
                return new TaskFailed(work.TaskId, TaskCatalogue.Missing("activity", work.Name, work.Version));
            await using var scope = new LazyScope(engine.Services);
            var activity = factory(scope);
            var converter = engine.Options.DataConverter;
            var output = await activity.RunAsync(new Context(work), converter.Deserialize(work.Input, activity.InputType));
            return new TaskCompleted(work.TaskId, engine.Limits.Payload(converter.Serialize(output), "output"));
        }
    }

    sealed class Context(ActivityWork work) : TaskActivityContext
    {
        public override TaskName Name => new(work.Name);

        public override string InstanceId => work.InstanceId;

        public override string Version => work.Version;
    }
}
