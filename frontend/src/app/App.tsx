import { Route, Switch } from 'wouter';
import { BatchPage } from '../batch/BatchPage';
import { ComputePage } from '../compute/ComputePage';
import { TaskPage } from '../compute/TaskPage';
import { JobPage } from '../job/JobPage';
import { JobsPage } from '../jobs/JobsPage';
import { SweepPage } from '../sweep/SweepPage';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

/** Every page of the app, one line each. */
export const App = () => (
  <Shell>
    <Switch>
      <Route path="/" component={ComputePage} />
      <Route path="/tasks/:name">{({ name }) => <TaskPage name={name} />}</Route>
      <Route path="/jobs" component={JobsPage} />
      <Route path="/jobs/:id">{({ id }) => <JobPage key={id} id={id} />}</Route>
      <Route path="/sweep" component={SweepPage} />
      <Route path="/batches/:id">{({ id }) => <BatchPage key={id} id={id} />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  </Shell>
);
